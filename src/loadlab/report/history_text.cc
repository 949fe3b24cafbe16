#include "loadlab/report/history_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/printable.h"
#include "base/time.h"
#include "loadlab/report/json_number.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

namespace json = boost::json;

constexpr std::size_t kNameWidth = 28;

std::string tests_of(const RunRecord& run) {
  const auto passed = std::count_if(run.tests.begin(), run.tests.end(),
                                    [](const TestRecord& test) { return test.ended && test.verdict == Verdict::pass; });
  return fmt::format("{} of {}", passed, run.tests.size());
}

std::string_view unit_of(std::string_view figure) {
  if (figure.ends_with("_ms") || figure == "cpu_ms_per_request") return "ms";
  if (figure.ends_with("_percent")) return "%";
  if (figure.ends_with("_mb")) return "MB";
  return "/s";
}

std::string signed_percent(double percent) { return fmt::format("{:+.1f} %", percent); }

std::string ids_of(std::span<const RunRecord> runs) {
  std::string text;
  for (const RunRecord& run : runs) text += fmt::format("{}{}", text.empty() ? "" : ", ", run.id);
  return text;
}

// Of a figure's name, before which a step's or a point's may stand.
constexpr std::size_t kLeastWidth = 22;
constexpr std::size_t kMostWidth = 60;

std::size_t width_of(const RunComparison& comparison) {
  std::size_t width = kLeastWidth;
  for (const FigureComparison& one : comparison.figures)
    width = std::max(width, display_width(base::printable(one.figure)));
  return std::min(width, kMostWidth);
}

std::string line_of(const FigureComparison& one, std::size_t width) {
  const std::string_view unit = unit_of(one.figure);
  const bool relative = one.before != 0;
  const auto shown = [&](double value) {
    return relative ? signed_percent(one.percent(value)) : format_value(value, unit);
  };
  return fmt::format("  {}  {}  {}  {}  {}  {}  {}\n", pad_right(base::printable(one.figure), width),
                     pad_left(format_value(one.before, unit), 10), pad_left(format_value(one.now, unit), 10),
                     pad_left(shown(one.difference()), 9),
                     pad_left(fmt::format("{} … {}", shown(one.low), shown(one.high)), 21),
                     pad_left(shown(one.detectable), 9), name_of(one.change));
}

}  // namespace

std::string_view state_of(const RunRecord& run) {
  if (run.state == RunState::playing) return "playing";
  if (run.state == RunState::killed) return "killed";
  return name_of(run.verdict);
}

std::string runs_text(std::span<const RunRecord> runs) {
  if (runs.empty()) return "no runs\n";
  std::string text =
      fmt::format("{}  {}  {}  {}  {}  {}\n", pad_left("run", 6), pad_right("started (UTC)", 20),
                  pad_right("verdict", 9), pad_right("tests passed", 12), pad_right("commit", 12), "suite");
  for (const RunRecord& run : runs) {
    text += fmt::format("{}  {}  {}  {}  {}  {}\n", pad_left(std::to_string(run.id), 6),
                        base::format_time_ms(run.started).substr(0, 19) + "Z", pad_right(state_of(run), 9),
                        pad_right(tests_of(run), 12), pad_right(shorten(base::printable(run.commit), 12), 12),
                        base::printable(run.suite));
  }
  return text;
}

std::string runs_json(std::span<const RunRecord> runs) {
  json::array list;
  for (const RunRecord& run : runs) {
    json::array tests;
    for (const TestRecord& test : run.tests) {
      tests.push_back(json::object{
          {"name", test.name}, {"verdict", test.ended ? json::value(name_of(test.verdict)) : json::value(nullptr)}});
    }
    list.push_back(json::object{{"run", run.id},
                                {"suite", run.suite},
                                {"state", state_of(run)},
                                {"started", base::format_time_ms(run.started)},
                                {"commit", run.commit},
                                {"machine", fingerprint(run.machine)},
                                {"tests", std::move(tests)}});
  }
  return json::serialize(json::object{{"runs", std::move(list)}}) + "\n";
}

std::string comparison_text(const RunRecord& run, std::span<const RunRecord> earlier, const RunComparison& comparison,
                            bool only_changes) {
  std::string text = fmt::format("run {} ({}) against {} {}\n", run.id, base::format_time_ms(run.started),
                                 earlier.size() == 1 ? "run" : "the mean of runs", ids_of(earlier));
  const std::size_t width = width_of(comparison);
  std::string test;
  std::size_t shown = 0;
  for (const FigureComparison& one : comparison.figures) {
    if (only_changes && one.change != Change::worse && one.change != Change::better) continue;
    if (shown++ == 0 || one.test != test) {
      test = one.test;
      text += fmt::format("\n{}\n  {}  {}  {}  {}  {}  {}  {}\n", base::printable(test), pad_right("", width),
                          pad_left("before", 10), pad_left("now", 10), pad_left("by", 9), pad_left("surely within", 21),
                          pad_left("seen from", 9), "");
    }
    text += line_of(one, width);
  }
  if (comparison.figures.empty()) text += "\nnothing could be compared\n";
  if (!comparison.figures.empty() && shown == 0) text += "\nnothing is surely better or worse\n";
  if (!comparison.notes.empty()) text += "\n";
  for (const std::string& note : comparison.notes) text += fmt::format("note: {}\n", base::printable(note));
  return text;
}

std::string comparison_json(const RunRecord& run, std::span<const RunRecord> earlier, const RunComparison& comparison) {
  json::array figures;
  for (const FigureComparison& one : comparison.figures) {
    figures.push_back(json::object{
        {"test", one.test},
        {"figure", one.figure},
        {"before", number(one.before)},
        {"now", number(one.now)},
        {"difference", number(one.difference())},
        {"low", number(one.low)},
        {"high", number(one.high)},
        {"detectable", number(one.detectable)},
        {"difference_percent", one.before == 0 ? json::value(nullptr) : number(one.percent(one.difference()))},
        {"change", name_of(one.change)}});
  }
  json::array ids;
  for (const RunRecord& one : earlier) ids.push_back(one.id);
  json::array notes;
  for (const std::string& note : comparison.notes) notes.emplace_back(note);
  return json::serialize(json::object{{"schema", "loadlab.comparison/1"},
                                      {"run", run.id},
                                      {"earlier", std::move(ids)},
                                      {"figures", std::move(figures)},
                                      {"notes", std::move(notes)}}) +
         "\n";
}

}  // namespace loadlab
