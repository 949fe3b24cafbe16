#include "loadlab/judge/bottleneck.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadlab/judge/black_box.h"
#include "loadlab/judge/figures.h"
#include "loadlab/judge/own_metrics.h"
#include "loadlab/judge/silence.h"
#include "stats/robust.h"

namespace loadlab {
namespace {

// Seconds with at least so much of the most users at work are the high load.
constexpr double kHighShare = 0.8;
constexpr double kLowShare = 0.5;
// A second with few users whose rate is nearly the highest already has a queue, as at the start of too many arrivals;
// unless so few are at work that nobody can have waited.
constexpr double kRisesNoMore = 0.9;
constexpr double kAlone = 1.5;
// Fewer answers in a second make its median a matter of luck.
constexpr std::uint64_t kFewestInSecond = 5;
// What speaks less for itself is only noise in a list.
constexpr double kLeastScore = 0.15;
// What speaks so much for itself is full, however quick the answers are.
constexpr double kPlain = 0.8;
// … and so much, that it is no wait for something else, where answers are slow.
constexpr double kLikelyAtWork = 0.6;
constexpr std::size_t kMostCandidates = 5;

bool users_never_think(const Test& plan) {
  for (const Load& load : plan.loads) {
    if (load.is_open()) return false;
    for (const Journey& journey : load.journeys) {
      if (!journey.pacing.is_zero()) return false;
      for (const Step& step : journey.steps) {
        if (!step.think.is_zero()) return false;
      }
    }
  }
  return true;
}

Pressure pressure_of(const Test& plan, const TestResult& test, const HighLoad& high) {
  if (share_of(test, status_fault(429)) + share_of(test, status_fault(503)) >= kRefusedShare) return Pressure::limited;
  const bool queues = high.slowdown() >= kSlowdown && high.parallel() >= kFewestAtOnce;
  if (queues || accept_queue_was_full(plan, test, high)) return Pressure::saturated;
  // Answers that take long since the load began, and throughout, can be many to a core.
  if (high.cpu_percent.value_or(0) >= kFullMachinePercent) return Pressure::saturated;
  const double cpu = test.resources.cpu_ms_per_request.value_or(0);
  const bool waits = high.response_ms > 0 && cpu < kSmallCpuShare * high.response_ms;
  return waits && (high.response_ms >= kLongWaitMs || users_never_think(plan)) ? Pressure::waiting : Pressure::none;
}

std::string sentence_of(Pressure pressure, const HighLoad& high, const TestResult& test) {
  switch (pressure) {
    case Pressure::limited:
      return fmt::format("Limited: it refused {} % of the requests rather than slow down.",
                         figure(test.total.error_percent()));
    case Pressure::saturated:
      if (high.response_ms <= 0) return fmt::format("Saturated at {} answers a second.", figure(high.rate));
      if (!high.compared)
        return fmt::format("Saturated at {} answers a second, which take {} ms.", figure(high.rate),
                           figure(high.response_ms));
      return fmt::format(
          "Saturated at {} answers a second: they take {} ms under the highest load and {} ms without "
          "waiting, about {} served at once.",
          figure(high.rate), figure(high.response_ms), figure(high.unhurried_ms), figure(high.parallel()));
    case Pressure::waiting:
      return fmt::format("Waiting: answers take {} ms{}, and little of it is work of its own.{}",
                         figure(high.response_ms), high.compared ? " whatever the load" : "",
                         high.compared ? "" : " A load that rises would show whether they take as long under less.");
    case Pressure::none:
      return high.compared ? "No bottleneck: answers under the highest load take no longer than under the lowest."
                           : "No bottleneck is plain to see; a load that rises would show how answers slow down.";
  }
  return "";
}

// A CPU or a worker that is at work all the time, for which so much speaks.
bool is_at_work(const Candidate& candidate, double score) {
  return candidate.score >= score && (candidate.cause == "cpu" || candidate.cause == "one worker");
}

bool is_plain(const Candidate& candidate) { return candidate.exact || is_at_work(candidate, kPlain); }

bool works_itself(const std::vector<Candidate>& candidates) {
  const auto is_exact = [](const Candidate& candidate) { return candidate.exact; };
  return std::none_of(candidates.begin(), candidates.end(), is_exact) &&
         std::any_of(candidates.begin(), candidates.end(),
                     [](const Candidate& candidate) { return is_at_work(candidate, kLikelyAtWork); });
}

std::vector<Candidate> all_candidates(const Test& plan, const TestResult& test, const HighLoad& high,
                                      Pressure pressure) {
  std::vector<Candidate> candidates = own_candidates(plan, test, high);
  for (Candidate& candidate : outside_candidates(plan, test, high, pressure))
    candidates.push_back(std::move(candidate));
  return candidates;
}

// Of candidates of one cause the one that more speaks for; the likeliest first.
std::vector<Candidate> ranked(std::vector<Candidate> candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  std::vector<Candidate> kept;
  for (Candidate& candidate : candidates) {
    const bool known =
        std::any_of(kept.begin(), kept.end(), [&](const Candidate& other) { return other.cause == candidate.cause; });
    if (!known && candidate.score >= kLeastScore && kept.size() < kMostCandidates) kept.push_back(std::move(candidate));
  }
  return kept;
}

}  // namespace

HighLoad high_load(const TestResult& test) {
  HighLoad high;
  std::vector<const Second*> measured;
  for (const Second& second : test.series) {
    // The last second holds what is left of a test's time.
    if (second.index >= test.warm_up_seconds && second.index + 1 <= test.planned_seconds) measured.push_back(&second);
  }
  for (const Second* second : measured) high.users = std::max(high.users, second->users);
  std::vector<double> all;
  std::vector<const Second*> under_low_load;
  std::vector<double> under_high_load;
  std::vector<double> cpu_percents;
  int seconds = 0;
  for (const Second* second : measured) {
    const bool known = second->requests >= kFewestInSecond + second->errors && std::isfinite(second->response_p50_ms);
    if (known) all.push_back(second->response_p50_ms);
    if (known && second->users <= kLowShare * high.users) under_low_load.push_back(second);
    if (second->users < kHighShare * high.users) continue;
    if (high.to <= high.from) high.from = second->index;
    high.to = second->index + 1;
    high.rate += static_cast<double>(second->requests);
    ++seconds;
    if (known) under_high_load.push_back(second->response_p50_ms);
    if (std::isfinite(second->cpu_percent)) cpu_percents.push_back(second->cpu_percent);
  }
  if (seconds > 0) high.rate /= seconds;
  high.cpu_percent = stats::median(cpu_percents);
  std::erase_if(under_low_load, [&](const Second* second) {
    return second->users > kAlone && static_cast<double>(second->requests) >= kRisesNoMore * high.rate;
  });
  high.compared = !under_low_load.empty();
  std::vector<double> unhurried = high.compared ? std::vector<double>() : all;
  for (const Second* second : under_low_load) unhurried.push_back(second->response_p50_ms);
  high.unhurried_ms = stats::quantile(unhurried, 0).value_or(0);
  high.response_ms = stats::median(under_high_load).value_or(high.unhurried_ms);
  return high;
}

std::optional<double> average_within(const ProbeSeries& series, std::string_view metric, const HighLoad& high) {
  const MetricSeries* found = series.find(metric);
  if (found == nullptr) return std::nullopt;
  double sum = 0;
  int count = 0;
  for (std::size_t i = 0; i < series.at.size(); ++i) {
    if (series.at[i] < high.from || series.at[i] > high.to || !std::isfinite(found->values[i])) continue;
    sum += found->values[i];
    ++count;
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

Bottleneck judge_bottleneck(const Test& plan, const TestResult& test) {
  Bottleneck bottleneck;
  const HighLoad high = high_load(test);
  if (high.to <= high.from || test.total.requests == 0) {
    bottleneck.sentence = "Too little was measured to look for a bottleneck.";
    return bottleneck;
  }
  if (const auto silence = silence_at_end(test)) {
    bottleneck.sentence =
        fmt::format("It gave no answer from second {:.0f} on: it went down, or hangs.", silence->from);
    return bottleneck;
  }
  bottleneck.pressure = pressure_of(plan, test, high);
  const bool told = bottleneck.pressure == Pressure::limited || accept_queue_was_full(plan, test, high);
  if (test.total.failed == test.total.requests && !told) {
    bottleneck.pressure = Pressure::none;
    bottleneck.sentence = "No request got a good answer: what it could do can't be told.";
    return bottleneck;
  }
  std::vector<Candidate> candidates = all_candidates(plan, test, high, bottleneck.pressure);
  if (bottleneck.pressure == Pressure::none && std::any_of(candidates.begin(), candidates.end(), is_plain))
    bottleneck.pressure = Pressure::saturated;
  // Users who wait for each other are as slow from the first second on as those who wait for something behind.
  if (bottleneck.pressure == Pressure::waiting && works_itself(candidates)) {
    bottleneck.pressure = Pressure::saturated;
    candidates = all_candidates(plan, test, high, bottleneck.pressure);
  }
  bottleneck.sentence = sentence_of(bottleneck.pressure, high, test);
  for (const std::string& name : unread_causes(plan, test))
    bottleneck.sentence += fmt::format(" The plan names the metric '{}', which no probe read.", name);
  bottleneck.rate_reached = high.rate;
  bottleneck.parallel = high.parallel();
  if (bottleneck.pressure == Pressure::none) return bottleneck;
  bottleneck.candidates = ranked(std::move(candidates));
  return bottleneck;
}

}  // namespace loadlab
