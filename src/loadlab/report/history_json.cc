#include "loadlab/report/history_json.h"

#include <boost/json.hpp>

#include "base/time.h"
#include "loadlab/report/history_text.h"
#include "loadlab/report/json_number.h"
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
  const auto times = stats::decode_histogram(block.response);
  for (const auto& [name, percent] : {std::pair("p50_response_time_ms", 50.0), std::pair("p95_response_time_ms", 95.0),
                                      std::pair("p99_response_time_ms", 99.0)}) {
    const bool any = times && times->count() > 0;
    object[name] = any ? number(static_cast<double>(times->percentile(percent)) / 1e6) : json::value(nullptr);
  }
  return object;
}

json::array blocks_json(const TestRecord& test, std::size_t from) {
  json::array list;
  for (std::size_t i = from; i < test.blocks.size(); ++i) list.push_back(block_json(test.blocks[i]));
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
          {"blocks", blocks_json(test, 0)}};
}

// Where a new level begins: places in the points.
json::array changes_json(const std::vector<History::Point>& points) {
  std::vector<double> values;
  for (const History::Point& point : points) values.push_back(point.value);
  json::array places;
  for (const stats::ChangePoint& change : stats::change_points(values, stats::kForHistories))
    places.push_back(json::value(change.index));
  return places;
}

}  // namespace

std::string run_json(const RunRecord& run) {
  json::array tests;
  for (const TestRecord& test : run.tests) tests.push_back(test_json(test));
  return json::serialize(json::object{{"run", run.id},
                                      {"suite", run.suite},
                                      {"state", state_of(run)},
                                      {"started", base::format_time_ms(run.started)},
                                      {"commit", run.commit},
                                      {"machine", fingerprint(run.machine)},
                                      {"tests", std::move(tests)}});
}

std::string new_blocks_json(const RunRecord& run, std::span<const std::size_t> from) {
  json::array list;
  for (std::size_t i = 0; i < run.tests.size() && i < from.size(); ++i) {
    if (run.tests[i].blocks.size() <= from[i]) continue;
    list.push_back(json::object{{"test", i}, {"blocks", blocks_json(run.tests[i], from[i])}});
  }
  return json::serialize(list);
}

std::string trends_json(std::span<const FigureTrend> trends) {
  json::array tests;
  for (const FigureTrend& trend : trends) {
    if (tests.empty() || tests.back().at("name") != json::value(trend.test))
      tests.push_back(json::object{{"name", trend.test}, {"figures", json::array()}});
    json::array points;
    for (const History::Point& point : trend.points) {
      points.push_back(json::object{{"run", point.run},
                                    {"started", base::format_time_ms(point.started)},
                                    {"commit", point.commit},
                                    {"verdict", name_of(point.verdict)},
                                    {"value", number(point.value)}});
    }
    tests.back().at("figures").as_array().push_back(
        json::object{{"name", trend.name}, {"points", std::move(points)}, {"changes", changes_json(trend.points)}});
  }
  return json::serialize(json::object{{"tests", std::move(tests)}});
}

}  // namespace loadlab
