#include "loadlab/session/describe_load.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadlab/plan/sweep.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostStagesNamed = 4;

std::string in_seconds(Nanoseconds time) { return fmt::format("{:g} s", std::chrono::duration<double>(time).count()); }

std::string level_of(const Load& load, double level) {
  return load.is_open() ? fmt::format("{:g}/s", level) : fmt::format("{:g} {}", level, level == 1 ? "user" : "users");
}

// "5/s, 500/s, 5/s": the levels that the stages lead to.
std::string levels_of(const Load& load) {
  const auto& stages = load.profile().stages();
  if (stages.size() > kMostStagesNamed)
    return fmt::format("{} stages up to {}", stages.size(), level_of(load, load.profile().highest()));
  std::string text;
  for (const Stage& stage : stages) text += (text.empty() ? "" : ", ") + level_of(load, stage.level);
  return text;
}

std::string arrivals_of(const Load& load) {
  switch (std::get<OpenLoad>(load.model).arrivals) {
    case Arrivals::poisson:
      return ", Poisson arrivals";
    case Arrivals::uniform:
      return ", uniform arrivals";
    case Arrivals::replay:
      return ", arrivals from a file";
  }
  return "";
}

std::string describe(const Load& load) {
  std::string text = load.name.empty() ? "" : load.name + ": ";
  text += levels_of(load);
  if (load.is_open()) {
    text += arrivals_of(load);
  } else {
    const auto& closed = std::get<ClosedLoad>(load.model);
    if (closed.iterations) text += fmt::format(", {} iterations each", *closed.iterations);
    if (closed.shared_iterations) text += fmt::format(", {} iterations together", *closed.shared_iterations);
    if (closed.iterations || closed.shared_iterations) text += ", at most";
  }
  text += " for " + in_seconds(load.duration);
  const auto& stages = load.profile().stages();
  if (stages.size() == 1 && stages[0].ramp.count() > 0) text += ", ramp-up " + in_seconds(stages[0].ramp);
  if (load.start.count() > 0) text += ", from " + in_seconds(load.start) + " on";
  return text;
}

// What is swept may be the load itself.
std::string describe_loads(const std::vector<SweepPoint>& points) {
  const std::string first = describe_load(points.front().test);
  const bool alike = std::all_of(points.begin(), points.end(),
                                 [&](const SweepPoint& point) { return describe_load(point.test) == first; });
  if (alike) return "each with " + first;
  return fmt::format("from {} to {}", first, describe_load(points.back().test));
}

}  // namespace

std::string describe_load(const Test& test) {
  std::string text;
  if (test.benchmark) {
    return fmt::format("benchmarks{}, {} repetition{}",
                       test.benchmark->filter.empty() ? "" : " " + test.benchmark->filter, test.benchmark->repetitions,
                       test.benchmark->repetitions == 1 ? "" : "s");
  }
  if (test.sweep) {
    const Sweep& sweep = *test.sweep;
    text = fmt::format("{} points, {} to {}{}, ", sweep.points.size(), sweep.points.front().name(),
                       sweep.points.back().name(), sweep.repeat > 1 ? fmt::format(", {} times", sweep.repeat) : "");
    return text + describe_loads(sweep.points);
  }
  for (const Load& load : test.loads) text += (text.empty() ? "" : "; ") + describe(load);
  if (test.warm_up.count() > 0) text += ", the first " + in_seconds(test.warm_up) + " to warm up";
  return text;
}

}  // namespace loadlab
