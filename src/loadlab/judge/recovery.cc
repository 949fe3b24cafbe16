#include "loadlab/judge/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "loadlab/judge/figures.h"
#include "stats/robust.h"

namespace loadlab {
namespace {

constexpr double kStressShare = 0.8;
constexpr double kCalmShare = 0.5;
constexpr std::size_t kFewestCalmSeconds = 3;
constexpr std::size_t kSecondsInARow = 3;
constexpr double kNormalShare = 1.25;
constexpr double kNormalRoomMs = 1;

struct Phases {
  std::vector<const Second*> before;
  std::vector<const Second*> stress;
  std::vector<const Second*> after;        // from the first calm second behind the stress
  std::vector<const Second*> from_stress;  // all from its begin on
};

bool is_replay(const Load& load) {
  const auto* open = std::get_if<OpenLoad>(&load.model);
  return open && open->arrivals == Arrivals::replay;
}

// How high the load was planned to be in each second, in shares of the most of each of its parts; of times from a file,
// how many were at work. A queue outlasts the stress that filled it.
std::vector<double> levels_of(const Test& plan, const TestResult& test) {
  const bool planned = !plan.loads.empty() && std::none_of(plan.loads.begin(), plan.loads.end(), is_replay);
  std::vector<double> levels;
  for (const Second& second : test.series) {
    double level = planned ? 0 : second.users;
    const Nanoseconds middle = std::chrono::milliseconds(1000 * std::int64_t{second.index} + 500);
    for (const Load& load : plan.loads) {
      if (!planned || middle < load.start || middle >= load.end() || load.profile().highest() <= 0) continue;
      level += load.profile().at(middle - load.start) / load.profile().highest();
    }
    levels.push_back(level);
  }
  return levels;
}

Phases phases_of(const Test& plan, const TestResult& test) {
  const std::vector<double> levels = levels_of(plan, test);
  const double most = levels.empty() ? 0 : *std::max_element(levels.begin(), levels.end());
  Phases phases;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Second& second = test.series[i];
    if (second.index < test.warm_up_seconds || second.index + 1 > test.planned_seconds) continue;
    if (levels[i] >= kStressShare * most) {
      phases.stress.push_back(&second);
      phases.after.clear();
    } else if (phases.stress.empty()) {
      if (levels[i] <= kCalmShare * most) phases.before.push_back(&second);
    } else if (levels[i] <= kCalmShare * most) {
      phases.after.push_back(&second);
    }
    if (!phases.stress.empty()) phases.from_stress.push_back(&second);
  }
  return phases;
}

bool falls(const Load& load) {
  if (is_replay(load)) return true;
  double level = 0;
  const auto& segments = load.profile().segments();
  return std::any_of(segments.begin(), segments.end(), [&level](const Segment& segment) {
    return segment.from < std::exchange(level, segment.to) || segment.to < segment.from;
  });
}

// Whether the load falls before its end: within one of its parts, or where one of them ends before the others.
bool falls(const Test& plan) {
  Nanoseconds end{0};
  for (const Load& load : plan.loads) end = std::max(end, load.end());
  return std::any_of(plan.loads.begin(), plan.loads.end(),
                     [&](const Load& load) { return falls(load) || load.end() < end; });
}

std::uint64_t failures(const TestResult& test, std::initializer_list<Fault> faults) {
  std::uint64_t sum = 0;
  for (const Fault fault : faults) {
    const auto found = test.total.faults.find(fault);
    if (found != test.total.faults.end()) sum += found->second;
  }
  return sum;
}

std::optional<double> normal_again(const std::vector<const Second*>& after, double normal_ms, double since) {
  std::size_t in_a_row = 0;
  for (const Second* second : after) {
    if (second->requests == 0) continue;  // nothing was asked
    in_a_row = second->response_p95_ms <= kNormalShare * normal_ms + kNormalRoomMs ? in_a_row + 1 : 0;
    if (in_a_row == kSecondsInARow) return second->index + 1 - static_cast<double>(kSecondsInARow) - since;
  }
  return std::nullopt;
}

// The medians of memory before the stress and in the last calm seconds, and the most since its begin.
void find_memory(const Phases& phases, Recovery& recovery) {
  const auto memory = [](std::span<const Second* const> seconds) {
    std::vector<double> values;
    for (const Second* second : seconds) values.push_back(second->memory_mb);
    return values;
  };
  const std::span<const Second* const> after = phases.after;
  recovery.memory_before_mb = stats::median(memory(phases.before));
  recovery.memory_peak_mb = stats::quantile(memory(phases.from_stress), 1);
  recovery.memory_after_mb = stats::median(memory(after.last(kFewestCalmSeconds)));
}

std::string sentence_of(const Recovery& recovery) {
  std::string text = recovery.seconds_to_normal ? fmt::format("Answers were normal again {} after the stress",
                                                              span_of(*recovery.seconds_to_normal))
                                                : "Answers did not become normal again within the test";
  text +=
      fmt::format(" (p95 {} ms before, {} ms at worst)", figure(recovery.normal_p95_ms), figure(recovery.worst_p95_ms));
  if (recovery.refused + recovery.timed_out > 0) {
    text += fmt::format("; {} {} refused quickly and {} timed out slowly", counted(recovery.refused, "request"),
                        recovery.refused == 1 ? "was" : "were", recovery.timed_out);
  }
  if (recovery.memory_before_mb && recovery.memory_peak_mb && recovery.memory_after_mb) {
    text +=
        fmt::format("; memory went from {} to {}, and was at {} in the end", amount(*recovery.memory_before_mb, "MB"),
                    amount(*recovery.memory_peak_mb, "MB"), amount(*recovery.memory_after_mb, "MB"));
  }
  return text + ".";
}

}  // namespace

std::optional<Recovery> judge_recovery(const Test& plan, const TestResult& test) {
  if (!falls(plan)) return std::nullopt;
  const Phases phases = phases_of(plan, test);
  if (phases.before.size() < kFewestCalmSeconds || phases.after.size() < kFewestCalmSeconds) return std::nullopt;
  const auto p95 = [](const std::vector<const Second*>& seconds) {
    std::vector<double> values;
    for (const Second* second : seconds) values.push_back(second->response_p95_ms);
    return values;
  };
  const auto normal = stats::median(p95(phases.before));
  if (!normal) return std::nullopt;
  Recovery recovery;
  recovery.stress_ended_seconds = phases.stress.back()->index + 1;
  recovery.normal_p95_ms = *normal;
  recovery.worst_p95_ms = stats::quantile(p95(phases.from_stress), 1).value_or(*normal);
  recovery.seconds_to_normal = normal_again(phases.after, *normal, recovery.stress_ended_seconds);
  recovery.refused = failures(test, {Fault::connect_refused, status_fault(429), status_fault(503)});
  recovery.timed_out = failures(test, {Fault::timeout, Fault::connect_timeout, Fault::cut_off});
  find_memory(phases, recovery);
  recovery.sentence = sentence_of(recovery);
  return recovery;
}

}  // namespace loadlab
