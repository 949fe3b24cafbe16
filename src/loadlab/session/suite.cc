#include "loadlab/session/suite.h"

#include <fmt/format.h>

#include <optional>

#include "loadlab/engine/engine.h"
#include "loadlab/judge/thresholds.h"
#include "loadlab/judge/verdict.h"
#include "loadlab/probe/machine.h"
#include "loadlab/result/version.h"
#include "loadlab/session/describe_load.h"
#include "loadlab/session/resource_watch.h"

namespace loadlab {
namespace {

// One test, from finding what to watch to its verdict.
class TestPlayer {
 public:
  TestPlayer(const Test& test, const base::Clock& clock, const std::atomic<bool>& stop, int cores,
             SuiteObserver& observer)
      : test_(test), clock_(clock), stop_(stop), watch_(test, clock, cores), observer_(observer) {}

  TestResult play() {
    watch_.begin();
    auto loaded = run_load(test_, clock_, stop_, [this](TestResult& so_far) { return on_second(so_far); });
    TestResult result;
    if (loaded) {
      result = std::move(*loaded);
      result.resources = watch_.sum_up(result.total.requests);
    } else {
      result.name = test_.name;
      result.target = test_.target.text;
      result.started = clock_.utc();
      result.planned_seconds = std::chrono::duration<double>(test_.duration()).count();
      result.failure = loaded.error().message;
    }
    result.load = describe_load(test_);
    if (aborting_) {
      result.stopped = fmt::format("ended early: {} was broken", aborting_->expression);
      result.thresholds = {*aborting_};
    } else if (loaded && stop_) {
      result.stopped = "interrupted";
    }
    judge(test_, result.trust.busiest_worker_percent, result);
    return result;
  }

 private:
  bool on_second(TestResult& so_far) {
    watch_.fill(so_far.series.back());
    observer_.second_passed(test_, so_far);
    so_far.resources = watch_.sum_up(so_far.total.requests);
    if (!aborting_) aborting_ = should_abort(test_.thresholds, so_far, std::chrono::seconds(so_far.series.size()));
    return !aborting_;
  }

  const Test& test_;
  const base::Clock& clock_;
  const std::atomic<bool>& stop_;
  ResourceWatch watch_;
  SuiteObserver& observer_;
  std::optional<ThresholdOutcome> aborting_;
};

}  // namespace

RunResult play_suite(const Plan& plan, const base::Clock& clock, const std::atomic<bool>& stop,
                     SuiteObserver& observer) {
  RunResult run;
  run.suite = plan.suite;
  run.version = kVersion;
  run.started = clock.utc();
  run.machine = this_machine();
  for (std::size_t i = 0; i < plan.tests.size() && !stop; ++i) {
    const Test& test = plan.tests[i];
    observer.test_begins(test, i, plan.tests.size());
    run.tests.push_back(TestPlayer(test, clock, stop, run.machine.cores, observer).play());
    observer.test_ended(run.tests.back());
  }
  run.interrupted = stop;
  run.verdict = verdict_of(run);
  return run;
}

}  // namespace loadlab
