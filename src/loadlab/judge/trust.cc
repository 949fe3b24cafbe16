#include "loadlab/judge/trust.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadlab/judge/figures.h"

namespace loadlab {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;
constexpr double kDecidingPercentile = 99.0;
constexpr double kTailPercentile = 99.9;

constexpr const char* kWhatToDo =
    "Use more threads or another machine for the generator, or a lower load, and run the test again.";

double milliseconds(double nanoseconds) { return nanoseconds / kNanosecondsPerMillisecond; }

double milliseconds(Nanoseconds time) { return milliseconds(static_cast<double>(time.count())); }

double percentile_ms(const stats::Histogram& histogram, double percent) {
  return milliseconds(static_cast<double>(histogram.percentile(percent)));
}

double allowed_lag(double response_ms, double floor_ms = kSendLagFloorMs) {
  return std::max(floor_ms, kSendLagShare * response_ms);
}

double percent_of(double part, double whole) { return whole > 0 ? 100 * part / whole : 0.0; }

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

std::uint64_t failures(const Tally& tally, Fault fault) {
  const auto found = tally.faults.find(fault);
  return found == tally.faults.end() ? 0 : found->second;
}

bool target_is_full(const TestResult& test) {
  return test.resources.avg_cpu_percent.value_or(0) >= kSaturatedTargetPercent;
}

bool has_open_load(const Test& plan) {
  return std::any_of(plan.loads.begin(), plan.loads.end(), [](const Load& load) { return load.is_open(); });
}

// How many iterations a test's open loads come to, and how far from it their number may be.
struct PlannedArrivals {
  double mean = 0;
  double allowance = 1;
};

PlannedArrivals planned_arrivals(const Test& plan, int workers) {
  PlannedArrivals planned;
  double random = 0;
  for (const Load& load : plan.loads) {
    const auto& open = std::get<OpenLoad>(load.model);
    if (open.arrivals == Arrivals::replay) {
      planned.mean += static_cast<double>(std::lower_bound(open.times->begin(), open.times->end(), load.duration) -
                                          open.times->begin());
      continue;
    }
    double arrivals = 0;
    for (const Segment& segment : open.rate.segments()) arrivals += segment.area();
    planned.mean += arrivals;
    if (open.arrivals == Arrivals::poisson) random += arrivals;
    planned.allowance += workers;  // each rounds its own share
  }
  planned.allowance += kPoissonDeviations * std::sqrt(random);
  return planned;
}

void measure_error(const Timings& timings, Trust& trust) {
  const double response_p99 = percentile_ms(timings.response, kDecidingPercentile);
  trust.send_lag_p99_ms = percentile_ms(timings.send_lag, kDecidingPercentile);
  trust.error_p99_ms = percentile_error_ms(timings, kDecidingPercentile);
  trust.error_p99_percent = percent_of(*trust.error_p99_ms, response_p99);
  trust.error_mean_ms = milliseconds(timings.send_lag.mean());
}

// Lag that is trusted for the plan's own allowance alone.
void note_allowed_lag(const Test& plan, double response_p99, Trust& trust) {
  trust.notes.push_back(fmt::format(
      "1 % of the sends came more than {:.1f} ms late, of {:.1f} ms that the plan allows: the p99 response time of "
      "{:.1f} ms may be {:.1f} ms too high. No threshold is so narrow.",
      trust.send_lag_p99_ms, milliseconds(plan.allowed_send_lag), response_p99, *trust.error_p99_ms));
}

void judge_lag(const Test& plan, const Timings& timings, Trust& trust) {
  const double lag_p99 = trust.send_lag_p99_ms;
  const double response_p99 = percentile_ms(timings.response, kDecidingPercentile);
  const double usual_p99 = allowed_lag(response_p99);
  const double allowed_p99 = allowed_lag(response_p99, milliseconds(plan.allowed_send_lag));
  const double lag_mean = milliseconds(timings.send_lag.mean());
  const double response_mean = milliseconds(timings.response.mean());
  const double allowed_mean = allowed_lag(response_mean);
  trust.late_sends = sends_above(timings.send_lag, usual_p99);

  std::vector<std::string> found;
  if (lag_p99 > allowed_p99) {
    found.push_back(fmt::format(
        "The generator sent late: 1 % of its sends by more than {:.1f} ms, where {:.1f} ms are allowed beside a p99 "
        "response time of {:.1f} ms, which may be {:.1f} ms too high. {}",
        lag_p99, allowed_p99, response_p99, *trust.error_p99_ms, kWhatToDo));
  }
  if (lag_mean > allowed_mean) {
    found.push_back(fmt::format(
        "The generator sent {:.1f} ms late on average, where {:.1f} ms are allowed beside an average response time of "
        "{:.1f} ms, which is as much too high. {}",
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
  if (!trust.reasons.empty() || trust.late_sends < kFewestLateSends) return;
  if (lag_p99 > usual_p99) return note_allowed_lag(plan, response_p99, trust);
  const double lag_tail = percentile_ms(timings.send_lag, kTailPercentile);
  if (lag_tail > allowed_lag(percentile_ms(timings.response, kTailPercentile))) {
    trust.notes.push_back(
        fmt::format("One send in a thousand was more than {:.1f} ms late: rely on percentiles up to p99, and not on "
                    "p99.9 and the maximum.",
                    lag_tail));
  }
}

void judge_own_failures(const Tally& total, Trust& trust) {
  const std::uint64_t ports = failures(total, Fault::no_ports);
  const std::uint64_t descriptors = failures(total, Fault::no_descriptors);
  trust.own_failures = ports + descriptors;
  if (trust.own_failures == 0) return;
  const auto requests = static_cast<double>(total.requests);
  const double bent = percent_of(static_cast<double>(trust.own_failures), requests);
  std::string text = fmt::format(
      "{} of {} requests failed for want of the generator's own {}, so that the error rate is {:.2g} points too high "
      "and the target had that much less to do. ",
      trust.own_failures, total.requests,
      ports == 0         ? "descriptors"
      : descriptors == 0 ? "ports"
                         : "ports and descriptors",
      bent);
  if (ports > 0)
    text += "For ports: keep connections alive, use several source addresses or a wider ip_local_port_range. ";
  if (descriptors > 0) text += "For descriptors: raise the limit (ulimit -n) or use fewer users. ";
  text += "`loadlab doctor` says what this machine has.";
  (bent > 100 * kOwnFailureShare ? trust.reasons : trust.notes).push_back(std::move(text));
}

void judge_timeouts(const Test& plan, const TestResult& test, Trust& trust) {
  const std::uint64_t timeouts = failures(test.total, Fault::timeout) + failures(test.total, Fault::connect_timeout);
  const Nanoseconds shortest = std::min(plan.request_timeout, plan.connect_timeout);
  const double late = milliseconds(test.generator.latest_wake);
  if (timeouts == 0 || late <= kLateShareOfTimeout * milliseconds(shortest)) return;
  trust.reasons.push_back(
      fmt::format("{} timed out, and the generator itself came up to {:.0f} ms late to what was due, so that their "
                  "answers "
                  "may have been there unread: the error rate may be {:.2g} points too high. {}",
                  counted(timeouts, "request"), late,
                  percent_of(static_cast<double>(timeouts), static_cast<double>(test.total.requests)), kWhatToDo));
}

void judge_drops(const Test& plan, const TestResult& test, Trust& trust) {
  const double busy = test.generator.busiest_worker_percent();
  if (!has_open_load(plan) || test.dropped_iterations == 0 || busy <= kFullWorkerPercent || target_is_full(test))
    return;
  const std::uint64_t arrivals = test.iterations + test.dropped_iterations;
  trust.reasons.push_back(fmt::format(
      "{} of {} arrivals ({:.2g} %) were dropped while a worker was busy {:.0f} % of a core: the generator, and not "
      "the "
      "target, may have held the users they waited for. {}",
      test.dropped_iterations, arrivals,
      percent_of(static_cast<double>(test.dropped_iterations), static_cast<double>(arrivals)), busy, kWhatToDo));
}

void judge_schedule(const Test& plan, const TestResult& test, Trust& trust) {
  const bool all_open =
      std::all_of(plan.loads.begin(), plan.loads.end(), [](const Load& load) { return load.is_open(); });
  if (!all_open || !test.stopped.empty() || !test.failure.empty()) return;
  const auto [planned, allowance] = planned_arrivals(plan, test.workers);
  trust.planned_iterations = planned;
  const auto begun = static_cast<double>(test.iterations + test.dropped_iterations);
  if (std::abs(begun - planned) <= allowance) return;
  trust.reasons.push_back(fmt::format(
      "The plan had {:.0f} arrivals, and the generator came to {:.0f} of them: the load was {:.2g} % {} than planned. "
      "{}",
      planned, begun, percent_of(std::abs(begun - planned), planned), begun < planned ? "lower" : "higher", kWhatToDo));
}

// Whether steal may be why a bound is missed, or may hide that it would be: it is missed by less than the factor, or it
// is an upper one that holds by less, as the load was a little lighter for the steal.
bool may_be_decided_by_steal(const ThresholdOutcome& outcome, Comparison comparison) {
  const bool upper = comparison == Comparison::less || comparison == Comparison::less_or_equal;
  if (outcome.passed) return upper && outcome.margin.value_or(1) < 1 - 1 / kFactorOfSteal;
  if (!outcome.margin) return true;
  return *outcome.margin >= (upper ? 1 - kFactorOfSteal : 1 / kFactorOfSteal - 1);
}

// The first threshold whose outcome the steal may have decided.
const ThresholdOutcome* decided_by_steal(const Test& plan, const TestResult& test) {
  for (const ThresholdOutcome& outcome : test.thresholds) {
    if (outcome.warn_only) continue;
    const auto own = std::find_if(plan.thresholds.begin(), plan.thresholds.end(), [&](const Threshold& threshold) {
      return threshold.expression == outcome.expression;
    });
    const Comparison comparison = own == plan.thresholds.end() ? Comparison::less : own->comparison;
    if (may_be_decided_by_steal(outcome, comparison)) return &outcome;
  }
  return nullptr;
}

void judge_steal(const Test& plan, const TestResult& test, Trust& trust) {
  const double steal = test.generator.steal_percent.value_or(0);
  if (steal <= kUsualStealPercent) return;
  std::string why;
  if (steal <= plan.allowed_steal_percent) {
    const ThresholdOutcome* decided = decided_by_steal(plan, test);
    if (!decided) {
      trust.allowed_steal_percent = steal;
      trust.notes.push_back(fmt::format(
          "The machine's host took {:.1f} % of its time for other guests, of {:.0f} % that the plan allows: times are "
          "longer for it, and rates lower. No bound is so near that this decides it; the figures are not compared with "
          "other runs.",
          steal, plan.allowed_steal_percent));
      return;
    }
    why = fmt::format("{:.0f} % are allowed where that can't decide about a bound, as it could about '{}'",
                      plan.allowed_steal_percent, decided->expression);
  } else {
    why = fmt::format("{:.0f} % are allowed", plan.allowed_steal_percent);
  }
  trust.reasons.push_back(fmt::format(
      "The machine's host took {:.1f} % of its time for other guests, where {}: all times may be as much too long on "
      "average, and single ones by any stall. Run on a machine of its own, or when the host is calmer.",
      steal, why));
}

void note_sharing(const Test& plan, const TestResult& test, Trust& trust) {
  const double machine = test.generator.machine_percent.value_or(0);
  double own = 0;
  for (const double percent : test.generator.worker_percents) own += percent / test.generator.cores;
  if (!plan.target.is_loopback() || machine <= kBusyMachinePercent || own <= kSmallSharePercent) return;
  trust.notes.push_back(fmt::format(
      "Generator and target share this machine, which was {:.0f} % busy, {:.0f} % with the generator: so much more the "
      "target could have used with the generator elsewhere. The times are judged by the measured send lag, not by "
      "this.",
      machine, own));
}

void note_busy_worker(const Test& plan, const TestResult& test, Trust& trust) {
  const double busy = test.generator.busiest_worker_percent();
  if (busy <= kBusyWorkerPercent) return;
  const bool open = has_open_load(plan);
  const std::optional<double> target_cpu = test.resources.avg_cpu_percent;
  if (!open && busy > kFullWorkerPercent && !has_think_time(plan) && !target_is_full(test)) {
    trust.notes.push_back(
        fmt::format("A worker was busy {:.0f} % of a core and its users never think, so the generator may be what "
                    "limited the rate, and service times may hold its own queueing; the target {}. Use more threads, "
                    "or give a rate, to see the target itself.",
                    busy, target_cpu ? fmt::format("used {:.0f} % of the machine", *target_cpu) : "was not watched"));
    return;
  }
  trust.notes.push_back(fmt::format("A worker was busy {:.0f} % of a core; more threads would give it room.", busy));
}

void note_insecure(const Test& plan, Trust& trust) {
  if (!plan.target.tls || !plan.network.tls.insecure) return;
  trust.notes.push_back(
      "The target's certificate was not checked (insecure), so that nobody knows who answered, and checking it is in "
      "no "
      "connection's time.");
}

}  // namespace

Trust judge_trust(const Test& plan, const TestResult& test) {
  Trust trust;
  trust.notes = test.notes;
  if (test.total.timings.send_lag.count() > 0) {
    measure_error(test.total.timings, trust);
    judge_lag(plan, test.total.timings, trust);
  }
  judge_own_failures(test.total, trust);
  judge_timeouts(plan, test, trust);
  judge_drops(plan, test, trust);
  judge_schedule(plan, test, trust);
  judge_steal(plan, test, trust);
  trust.trusted = trust.reasons.empty();
  note_sharing(plan, test, trust);
  note_busy_worker(plan, test, trust);
  note_insecure(plan, trust);
  return trust;
}

}  // namespace loadlab
