#include "loadlab/judge/trust.h"

#include <fmt/format.h>

#include <algorithm>

namespace loadlab {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;
constexpr double kDecidingPercentile = 99.0;
constexpr double kTailPercentile = 99.9;

constexpr const char* kWhatToDo =
    "Use more threads or another machine for the generator, or a lower load, and run the test again.";

double milliseconds(double nanoseconds) { return nanoseconds / kNanosecondsPerMillisecond; }

double percentile_ms(const stats::Histogram& histogram, double percent) {
  return milliseconds(static_cast<double>(histogram.percentile(percent)));
}

double allowed_lag(double response_ms) { return std::max(kSendLagFloorMs, kSendLagShare * response_ms); }

// Those whose whole bucket is above the bound: a bucket's width, 0.1 %, never makes a send late.
std::uint64_t sends_above(const stats::Histogram& send_lag, double bound_ms) {
  std::uint64_t late = 0;
  send_lag.for_each_bucket([&](std::uint64_t lowest, std::uint64_t, std::uint64_t count) {
    if (milliseconds(static_cast<double>(lowest)) > bound_ms) late += count;
  });
  return late;
}

bool has_think_time(const Test& plan) {
  for (const Load& load : plan.loads) {
    for (const Journey& journey : load.journeys) {
      if (!journey.pacing.is_zero()) return true;
      for (const Step& step : journey.steps) {
        if (!step.think.is_zero()) return true;
      }
    }
  }
  return false;
}

void judge_lag(const Timings& timings, Trust& trust) {
  const double lag_p99 = percentile_ms(timings.send_lag, kDecidingPercentile);
  const double response_p99 = percentile_ms(timings.response, kDecidingPercentile);
  const double allowed_p99 = allowed_lag(response_p99);
  const double lag_mean = milliseconds(timings.send_lag.mean());
  const double response_mean = milliseconds(timings.response.mean());
  const double allowed_mean = allowed_lag(response_mean);
  trust.send_lag_p99_ms = lag_p99;
  trust.late_sends = sends_above(timings.send_lag, allowed_p99);

  std::vector<std::string> found;
  if (lag_p99 > allowed_p99) {
    found.push_back(fmt::format(
        "The generator sent late: 1 % of its sends by more than {:.1f} ms, where {:.1f} ms are allowed beside a p99 "
        "response time of {:.1f} ms. {}",
        lag_p99, allowed_p99, response_p99, kWhatToDo));
  }
  if (lag_mean > allowed_mean) {
    found.push_back(fmt::format(
        "The generator sent {:.1f} ms late on average, where {:.1f} ms are allowed beside an average response time of "
        "{:.1f} ms. {}",
        lag_mean, allowed_mean, response_mean, kWhatToDo));
  }
  if (!found.empty() && trust.late_sends < kFewestLateSends) {
    trust.notes.push_back(fmt::format(
        "{} of {} sends came late, by up to {:.1f} ms: too few to judge the generator by. Run the test "
        "longer to be sure.",
        trust.late_sends, timings.send_lag.count(), milliseconds(static_cast<double>(timings.send_lag.max()))));
    return;
  }
  trust.reasons = std::move(found);
  trust.trusted = trust.reasons.empty();
  const double lag_tail = percentile_ms(timings.send_lag, kTailPercentile);
  if (trust.trusted && trust.late_sends >= kFewestLateSends &&
      lag_tail > allowed_lag(percentile_ms(timings.response, kTailPercentile))) {
    trust.notes.push_back(
        fmt::format("One send in a thousand was more than {:.1f} ms late: rely on percentiles up to p99, and not on "
                    "p99.9 and the maximum.",
                    lag_tail));
  }
}

void note_busy_worker(const Test& plan, const TestResult& test, Trust& trust) {
  const double busy = trust.busiest_worker_percent;
  if (busy <= kBusyWorkerPercent) return;
  const bool open = std::any_of(plan.loads.begin(), plan.loads.end(), [](const Load& load) { return load.is_open(); });
  const std::optional<double> target_cpu = test.resources.avg_cpu_percent;
  const bool target_full = target_cpu && *target_cpu >= kSaturatedTargetPercent;
  if (!open && busy > kFullWorkerPercent && !has_think_time(plan) && !target_full) {
    trust.notes.push_back(
        fmt::format("A worker was busy {:.0f} % of a core and its users never think, so the generator may be what "
                    "limited the rate, "
                    "and service times may hold its own queueing; the target {}. Use more threads, or give a rate, to "
                    "see the target "
                    "itself.",
                    busy, target_cpu ? fmt::format("used {:.0f} % of the machine", *target_cpu) : "was not watched"));
    return;
  }
  std::string note = fmt::format("A worker was busy {:.0f} % of a core; more threads would give it room.", busy);
  if (open && test.dropped_iterations > 0)
    note += fmt::format(" {} iterations were dropped, which may be its doing.", test.dropped_iterations);
  trust.notes.push_back(std::move(note));
}

}  // namespace

Trust judge_trust(const Test& plan, const TestResult& test, double busiest_worker_percent) {
  Trust trust;
  trust.busiest_worker_percent = busiest_worker_percent;
  if (test.total.timings.send_lag.count() > 0) judge_lag(test.total.timings, trust);
  note_busy_worker(plan, test, trust);
  return trust;
}

}  // namespace loadlab
