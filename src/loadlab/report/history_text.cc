#include "loadlab/report/history_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "base/printable.h"
#include "base/time.h"
#include "loadlab/report/json_number.h"
#include "loadlab/report/text_table.h"
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

std::string signed_percent(double percent) {
  constexpr double kNothing = 0.05;  // is written as 0.0, of either sign
  return std::abs(percent) < kNothing ? "0.0 %" : fmt::format("{:+.1f} %", percent);
}

std::string ids_of(std::span<const RunRecord> runs) {
  std::string text;
  for (const RunRecord& run : runs) text += fmt::format("{}{}", text.empty() ? "" : ", ", run.id);
  return text;
}

// Of a figure's name, before which a step's or a point's may stand.
constexpr std::size_t kLeastWidth = 22;
constexpr std::size_t kMostWidth = 60;

std::vector<std::string> names_of(const RunComparison& comparison) {
  std::vector<std::string> names;
  for (const FigureComparison& one : comparison.figures) names.push_back(base::printable(one.figure));
  return shortened_apart(names, kMostWidth);
}

constexpr std::string_view kInterval = "95 % confidence interval";  // ComparisonOptions::confidence
constexpr std::string_view kDetectable = "detectable";
constexpr std::string_view kLegend =
    "The difference lies within its 95 % confidence interval, which holds for all figures at once. Detectable is the\n"
    "smallest difference that four of five comparisons like this one would find.\n";

// A run's part in a comparison.
struct Part {
  const RunRecord* run;
  std::size_t tests = 0;  // that both sides have
  double seconds = 0;     // how long these took
};

// The run itself first.
std::vector<Part> parts_of(const RunRecord& run, std::span<const RunRecord> earlier) {
  std::set<std::string> before;
  std::set<std::string> now;
  for (const TestRecord& test : run.tests) now.insert(test.name);
  for (const RunRecord& one : earlier) {
    for (const TestRecord& test : one.tests) before.insert(test.name);
  }
  std::vector<Part> parts;
  const auto add = [&](const RunRecord& one, const std::set<std::string>& others) {
    Part part{&one};
    for (const TestRecord& test : one.tests) {
      if (!others.contains(test.name)) continue;
      ++part.tests;
      part.seconds += test.seconds;
    }
    parts.push_back(part);
  };
  add(run, before);
  for (const RunRecord& one : earlier) add(one, now);
  return parts;
}

std::string parts_text(const RunRecord& run, std::span<const RunRecord> earlier) {
  std::string text = fmt::format("{}  {}  {}  {}  {}  {}\n", pad_left("run", 6), pad_right("verdict", 9),
                                 pad_left("tests", 5), pad_left("played", 8), pad_right("started (UTC)", 20), "commit");
  for (const Part& part : parts_of(run, earlier)) {
    std::string line = fmt::format(
        "{}  {}  {}  {}  {}Z  {}", pad_left(std::to_string(part.run->id), 6), pad_right(state_of(*part.run), 9),
        pad_left(std::to_string(part.tests), 5), pad_left(format_ms(1000 * part.seconds), 8),
        base::format_time_ms(part.run->started).substr(0, 19), shorten(base::printable(part.run->commit), 12));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string line_of(const std::string& name, const FigureComparison& one) {
  const std::string_view unit = unit_of(one.figure);
  const bool relative = one.before != 0;
  const auto shown = [&](double value) {
    return relative ? signed_percent(one.percent(value)) : format_value(value, unit);
  };
  const std::string detectable =
      relative ? fmt::format("{:.1f} %", std::abs(one.percent(one.detectable))) : format_value(one.detectable, unit);
  return fmt::format("  {}  {}  {}  {}  {}  {}  {}\n", name, pad_left(format_value(one.before, unit), 10),
                     pad_left(format_value(one.now, unit), 10), pad_left(shown(one.difference()), 9),
                     pad_left(fmt::format("{} … {}", shown(one.low), shown(one.high)), kInterval.size()),
                     pad_left(detectable, kDetectable.size()), name_of(one.change));
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
  std::string text = fmt::format("run {} against {} {}\n\n{}", run.id, earlier.size() == 1 ? "run" : "the mean of runs",
                                 ids_of(earlier), parts_text(run, earlier));
  const std::vector<std::string> names = names_of(comparison);
  std::size_t width = kLeastWidth;
  for (const std::string& name : names) width = std::max(width, display_width(name));
  std::string test;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const FigureComparison& one = comparison.figures[i];
    if (only_changes && one.change != Change::worse && one.change != Change::better) continue;
    if (shown++ == 0 || one.test != test) {
      test = one.test;
      text += fmt::format("\n{}\n  {}  {}  {}  {}  {}  {}\n", base::printable(test), pad_right("", width),
                          pad_left("before", 10), pad_left("now", 10), pad_left("by", 9), kInterval, kDetectable);
    }
    text += line_of(pad_right(names[i], width), one);
  }
  if (comparison.figures.empty()) text += "\nnothing could be compared\n";
  if (!comparison.figures.empty() && shown == 0) text += "\nnothing is surely better or worse\n";
  if (shown > 0) text += fmt::format("\n{}", kLegend);
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
  json::array runs;
  for (const Part& part : parts_of(run, earlier)) {
    runs.push_back(json::object{{"run", part.run->id},
                                {"state", state_of(*part.run)},
                                {"started", base::format_time_ms(part.run->started)},
                                {"commit", part.run->commit},
                                {"tests", part.tests},
                                {"seconds", number(part.seconds)}});
  }
  json::array notes;
  for (const std::string& note : comparison.notes) notes.emplace_back(note);
  return json::serialize(json::object{{"schema", "loadlab.comparison/1"},
                                      {"run", run.id},
                                      {"earlier", std::move(ids)},
                                      {"runs", std::move(runs)},
                                      {"figures", std::move(figures)},
                                      {"notes", std::move(notes)}}) +
         "\n";
}

}  // namespace loadlab
