#include "loadlab/cli/pages.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <map>

#include "loadlab/judge/comparison.h"
#include "loadlab/report/assets.h"
#include "loadlab/report/history_json.h"
#include "loadlab/report/history_text.h"

namespace loadlab {
namespace {

namespace json = boost::json;

// The trends that are worth a plot: the whole test's.
constexpr const char* kTrends[] = {"requests_per_second",  "error_rate_percent",   "p50_response_time_ms",
                                   "p95_response_time_ms", "p99_response_time_ms", "cpu_ms_per_request",
                                   "peak_memory_mb"};

// Of benchmarks, and of a sweep's points; more plots of one test nobody looks through.
constexpr std::string_view kSampledTrends[] = {"cpu_time_ms", "requests_per_second", "p95_response_time_ms"};
constexpr std::size_t kMostSampled = 40;

// Runs that were killed or interrupted come seldom in such a row.
constexpr std::size_t kLookedThrough = 50;

PageAnswer refuse(int status, std::string_view message) {
  return {status, "application/json", json::serialize(json::object{{"message", message}})};
}

PageAnswer failed(const base::Error& error) { return refuse(500, error.message); }

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// %20 and +; what is no escape stays as it is.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
      plain += static_cast<char>(code);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

std::map<std::string, std::string> parameters_of(std::string_view query) {
  std::map<std::string, std::string> parameters;
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    const auto equals = one.find('=');
    if (equals != std::string_view::npos)
      parameters[unescaped(one.substr(0, equals))] = unescaped(one.substr(equals + 1));
  }
  return parameters;
}

constexpr std::string_view kRun = "/api/runs/";

}  // namespace

base::Result<std::string> LiveRun::next(History& history) {
  const auto run = history.run(id_, true);
  if (!run) return base::pass_on(run);
  if (!*run) return base::fail(base::ErrorKind::not_found, "there is no run {}", id_);
  std::vector<std::size_t> blocks;
  std::size_t tests_ended = 0;
  bool merged = false;
  bool more = false;
  for (std::size_t i = 0; i < (*run)->tests.size(); ++i) {
    const TestRecord& test = (*run)->tests[i];
    blocks.push_back(test.blocks.size());
    tests_ended += test.ended ? 1 : 0;
    merged = merged || (i < sent_.size() && test.blocks.size() < sent_[i]);
    more = more || (i < sent_.size() && test.blocks.size() > sent_[i]);
  }
  ended_ = (*run)->state != RunState::playing;
  std::string events;
  if (!begun_ || ended_ || merged || blocks.size() != sent_.size() || tests_ended != tests_ended_) {
    events = "event: run\ndata: " + run_json(**run) + "\n\n";
  } else if (more) {
    events = "event: seconds\ndata: " + new_blocks_json(**run, sent_) + "\n\n";
  }
  begun_ = true;
  sent_ = std::move(blocks);
  tests_ended_ = tests_ended;
  return events;
}

std::optional<std::int64_t> Pages::live_run(std::string_view target) {
  constexpr std::string_view kLive = "/live";
  if (!target.starts_with(kRun) || !target.ends_with(kLive)) return std::nullopt;
  return number_of(target.substr(kRun.size(), target.size() - kRun.size() - kLive.size()));
}

PageAnswer Pages::answer(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  if (path == "/" || path == "/index.html") return {200, "text/html; charset=utf-8", std::string(kRunsHtml)};
  if (path == "/report.css") return {200, "text/css; charset=utf-8", std::string(kReportCss)};
  if (path == "/plots.js") return {200, "text/javascript; charset=utf-8", std::string(kPlotsJs)};
  if (path == "/runs.js") return {200, "text/javascript; charset=utf-8", std::string(kRunsJs)};
  if (path == "/api/runs") return runs(query);
  if (path == "/api/trends") return trends(query);
  if (path.starts_with(kRun)) {
    constexpr std::string_view kComparison = "/comparison";
    std::string_view id = path.substr(kRun.size());
    const bool compared = id.ends_with(kComparison);
    if (compared) id.remove_suffix(kComparison.size());
    return run(id, compared);
  }
  return refuse(404, "there is no such page");
}

PageAnswer Pages::runs(std::string_view query) {
  auto parameters = parameters_of(query);
  History::Filter filter;
  filter.suite = parameters["suite"];
  const auto limit = number_of(parameters.contains("limit") ? parameters["limit"] : "50");
  const auto before = number_of(parameters.contains("before") ? parameters["before"] : "0");
  if (!limit || *limit < 1 || !before) return refuse(400, "limit and before are numbers");
  filter.limit = static_cast<std::size_t>(*limit);
  filter.before = *before;
  const auto found = history_.runs(filter);
  if (!found) return failed(found.error());
  return {200, "application/json", runs_json(*found)};
}

PageAnswer Pages::run(std::string_view text, bool compared) {
  const auto id = number_of(text);
  if (!id) return refuse(404, "a run has a number");
  const auto found = history_.run(*id, true);
  if (!found) return failed(found.error());
  if (!*found) return refuse(404, fmt::format("there is no run {}", *id));
  if (!compared) return {200, "application/json", run_json(**found)};
  const auto baseline = history_.comparable(**found, kEarlier);
  if (!baseline) return failed(baseline.error());
  return {200, "application/json", comparison_json(**found, baseline->runs, compare(**found, *baseline))};
}

base::Result<> Pages::add_sampled_trends(const std::string& suite, const RunRecord& newest, const std::string& name,
                                         std::vector<FigureTrend>& trends) {
  const auto run = history_.run(newest.id, false);
  if (!run) return base::pass_on(run);
  if (!*run) return {};
  std::size_t added = 0;
  for (const TestRecord& test : (*run)->tests) {
    if (test.name != name) continue;
    for (const Figure& figure : test.figures) {
      const bool wanted =
          std::find(std::begin(kSampledTrends), std::end(kSampledTrends), figure.name) != std::end(kSampledTrends);
      // A step of a load has such figures too, but no repetitions of them.
      if (!wanted || samples_of(test, figure).empty() || added == kMostSampled) continue;
      auto points = history_.trend(suite, name, figure);
      if (!points) return base::pass_on(points);
      trends.push_back({name, figure.step + ": " + figure.name, std::move(*points)});
      ++added;
    }
  }
  return {};
}

PageAnswer Pages::trends(std::string_view query) {
  const std::string suite = parameters_of(query)["suite"];
  const auto runs = history_.runs({suite, kLookedThrough, 0});
  if (!runs) return failed(runs.error());
  // The tests of the last run that has them all.
  const auto newest = std::find_if(runs->begin(), runs->end(), [](const RunRecord& run) {
    return run.state == RunState::ended && !run.interrupted;
  });
  std::vector<FigureTrend> trends;
  if (newest != runs->end()) {
    for (const TestRecord& test : newest->tests) {
      for (const char* name : kTrends) {
        auto points = history_.trend(suite, test.name, {"", name, 0});
        if (!points) return failed(points.error());
        if (!points->empty()) trends.push_back({test.name, name, std::move(*points)});
      }
      if (const auto added = add_sampled_trends(suite, *newest, test.name, trends); !added)
        return failed(added.error());
    }
  }
  return {200, "application/json", trends_json(trends)};
}

}  // namespace loadlab
