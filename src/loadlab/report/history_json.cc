#include "loadlab/report/history_json.h"

#include <array>
#include <boost/json.hpp>

#include "base/time.h"
#include "loadlab/report/history_text.h"
#include "loadlab/report/json_number.h"
#include "loadlab/report/run_reasons.h"
#include "stats/change_points.h"
#include "stats/histogram_log.h"

namespace loadlab {
namespace {

namespace json = boost::json;

json::value per_second(std::uint64_t count, double seconds) {
  return number(seconds > 0 ? static_cast<double>(count) / seconds : 0.0);
}

json::object block_json(const Block& block) {
  const double seconds = block.end_seconds - block.begin_seconds;
  json::object object{{"begin", number(block.begin_seconds)},
                      {"requests_per_second", per_second(block.requests, seconds)},
                      {"errors_per_second", per_second(block.errors, seconds)},
                      {"users", number(block.users)},
                      {"cpu_percent", number(block.cpu)},
                      {"memory_mb", number(block.memory)}};
  constexpr std::array kPercents{50.0, 95.0, 99.0};
  constexpr std::array kNames{"p50_response_time_ms", "p95_response_time_ms", "p99_response_time_ms"};
  const auto times = stats::percentiles_of_encoded(block.response, kPercents);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const bool any = times && !times->empty();
    object[kNames[i]] = any ? number(static_cast<double>((*times)[i]) / 1e6) : json::value(nullptr);
  }
  return object;
}

json::array blocks_json(std::span<const Block> blocks) {
  json::array list;
  for (const Block& block : blocks) list.push_back(block_json(block));
  return list;
}

json::object test_json(const TestRecord& test) {
  json::array figures;
  for (const Figure& figure : test.figures)
    figures.push_back(json::object{{"step", figure.step}, {"name", figure.name}, {"value", number(figure.value)}});
  return {{"name", test.name},
          {"load", test.load},
          {"failure", test.failure},
          {"verdict", test.ended ? json::value(name_of(test.verdict)) : json::value(nullptr)},
          {"figures", std::move(figures)},
          {"blocks", blocks_json(test.blocks)}};
}

// Where a new level begins: places in the points.
json::array changes_json(std::span<const TrendPoint> points) {
  std::vector<double> values;
  for (const TrendPoint& point : points) values.push_back(point.value);
  json::array places;
  for (const stats::ChangePoint& change : stats::change_points(values, stats::kForHistories))
    places.push_back(json::value(change.index));
  return places;
}

}  // namespace

std::string run_json(const RunRecord& run, std::string_view summary) {
  json::array tests;
  for (const TestRecord& test : run.tests) tests.push_back(test_json(test));
  json::object object{{"run", run.id},
                      {"suite", run.suite},
                      {"state", state_of(run)},
                      {"started", base::format_time_ms(run.started)},
                      {"commit", run.commit},
                      {"machine", fingerprint(run.machine)},
                      {"tests", std::move(tests)}};
  if (!summary.empty()) object["reasons"] = reasons_json(summary);
  return json::serialize(object);
}

std::string new_blocks_json(std::span<const NewBlocks> tests) {
  json::array list;
  for (const NewBlocks& one : tests)
    list.push_back(json::object{{"test", one.test}, {"blocks", blocks_json(one.blocks)}});
  return json::serialize(list);
}

std::string trends_json(const SuiteTrends& trends) {
  json::array tests;
  for (const FigureTrend& trend : trends.figures) {
    if (tests.empty() || tests.back().at("name") != json::value(trend.test))
      tests.push_back(json::object{{"name", trend.test}, {"figures", json::array()}});
    json::array points;
    for (const TrendPoint& point : trend.points) {
      points.push_back(json::object{{"run", point.run},
                                    {"started", base::format_time_ms(point.started)},
                                    {"commit", point.commit},
                                    {"verdict", name_of(point.verdict)},
                                    {"value", number(point.value)}});
    }
    tests.back().at("figures").as_array().push_back(
        json::object{{"name", trend.name}, {"points", std::move(points)}, {"changes", changes_json(trend.points)}});
  }
  return json::serialize(json::object{{"machine", trends.machine},
                                      {"machines", json::array(trends.machines.begin(), trends.machines.end())},
                                      {"tests", std::move(tests)}});
}

}  // namespace loadlab
