#include "loadlab/cli/pages.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <map>

#include "loadlab/cli/trends.h"
#include "loadlab/judge/comparison.h"
#include "loadlab/report/assets.h"
#include "loadlab/report/history_json.h"
#include "loadlab/report/history_text.h"

namespace loadlab {
namespace {

namespace json = boost::json;

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
constexpr std::string_view kComparison = "/comparison";
constexpr std::string_view kTrends = "/api/trends";

}  // namespace

PageAnswer refuse(int status, std::string_view message) {
  return {status, "application/json", json::serialize(json::object{{"message", message}})};
}

base::Result<std::string> LiveRun::next(History& history, WholeRun& last) {
  const auto now = history.progress(id_);
  if (!now) return base::pass_on(now);
  if (!*now) return base::fail(base::ErrorKind::not_found, "there is no run {}", id_);
  const RunProgress& run = **now;
  bool changed = !begun_ || run.state != RunState::playing || run.tests.size() != sent_.size();
  bool more = false;
  for (std::size_t i = 0; !changed && i < sent_.size(); ++i) {
    const TestProgress& test = run.tests[i];
    changed = test.ended != sent_[i].ended || test.figures != sent_[i].figures || test.blocks < sent_[i].blocks;
    more = more || test.blocks > sent_[i].blocks;
  }
  if (changed) return whole(history, run, last);
  return more ? seconds(history) : std::string();
}

base::Result<std::string> LiveRun::whole(History& history, const RunProgress& progress, WholeRun& last) {
  if (last.id != id_ || last.progress != progress) {
    const auto run = history.run(id_, true);
    if (!run) return base::pass_on(run);
    if (!*run) return base::fail(base::ErrorKind::not_found, "there is no run {}", id_);
    last = {id_, progress, {}, "event: run\ndata: " + run_json(**run) + "\n\n"};
    last.progress.state = (*run)->state;
    // Of figures that have come since the look it is not known; they make another event.
    for (std::size_t i = 0; i < (*run)->tests.size(); ++i) {
      const TestRecord& test = (*run)->tests[i];
      const bool counted = i < progress.tests.size() && !test.ended;
      last.sent.push_back({test.number, test.ended, test.blocks.size(), counted ? progress.tests[i].figures : 0});
    }
  }
  begun_ = true;
  ended_ = last.progress.state != RunState::playing;
  sent_ = last.sent;
  return last.event;
}

base::Result<std::string> LiveRun::seconds(History& history) {
  std::vector<NewBlocks> tests;
  for (std::size_t i = 0; i < sent_.size(); ++i) {
    if (sent_[i].ended) continue;
    auto blocks = history.blocks(id_, sent_[i].number, sent_[i].blocks);
    if (!blocks) return base::pass_on(blocks);
    if (blocks->empty()) continue;
    sent_[i].blocks += blocks->size();
    tests.push_back({i, std::move(*blocks)});
  }
  return tests.empty() ? std::string() : "event: seconds\ndata: " + new_blocks_json(tests) + "\n\n";
}

std::optional<std::int64_t> Pages::live_run(std::string_view target) {
  constexpr std::string_view kLive = "/live";
  if (!target.starts_with(kRun) || !target.ends_with(kLive)) return std::nullopt;
  return number_of(target.substr(kRun.size(), target.size() - kRun.size() - kLive.size()));
}

bool Pages::takes_long(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path == kTrends || (path.starts_with(kRun) && path.ends_with(kComparison));
}

PageAnswer Pages::answer(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  if (path == "/" || path == "/index.html") return {200, "text/html; charset=utf-8", std::string(kRunsHtml)};
  if (path == "/report.css") return {200, "text/css; charset=utf-8", std::string(kReportCss)};
  if (path == "/plots.js") return {200, "text/javascript; charset=utf-8", std::string(kPlotsJs)};
  if (path == "/runs.js") return {200, "text/javascript; charset=utf-8", std::string(kRunsJs)};
  if (path == "/api/runs") return runs(query);
  if (path == kTrends) return trends(query);
  if (path.starts_with(kRun)) {
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
  if (!compared) {
    const auto summary = history_.summary(*id);
    if (!summary) return failed(summary.error());
    return {200, "application/json", run_json(**found, *summary)};
  }
  const auto baseline = history_.comparable(**found, kEarlier);
  if (!baseline) return failed(baseline.error());
  ComparisonOptions options;
  options.stop = stop_;
  const RunComparison comparison = compare(**found, *baseline, options);
  if (is_stopped()) return refuse(503, "it is being stopped");
  return {200, "application/json", comparison_json(**found, baseline->runs, comparison)};
}

PageAnswer Pages::trends(std::string_view query) {
  auto parameters = parameters_of(query);
  auto runs = history_.runs({parameters["suite"], History::kMostRuns, 0});
  if (!runs) return failed(runs.error());
  // Without a name, those that have none.
  std::erase_if(*runs, [&](const RunRecord& run) { return run.suite != parameters["suite"]; });
  ShownTrends shown{parameters["suite"], parameters["machine"], {}, {}};
  for (const RunRecord& run : *runs) {
    if (is_of_trends(run)) shown.runs.push_back(run.id);
  }
  const bool same = shown.suite == trends_.suite && shown.machine == trends_.machine && shown.runs == trends_.runs;
  if (!same || trends_.body.empty()) {
    const auto found = trends_of(history_, *runs, shown.machine, stop_);
    if (!found) return is_stopped() ? refuse(503, "it is being stopped") : failed(found.error());
    shown.body = trends_json(*found);
    trends_ = std::move(shown);
  }
  return {200, "application/json", trends_.body};
}

}  // namespace loadlab
