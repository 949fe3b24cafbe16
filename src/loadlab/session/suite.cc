#include "loadlab/session/suite.h"

#include <fmt/format.h>

#include <optional>

#include "loadlab/engine/engine.h"
#include "loadlab/judge/thresholds.h"
#include "loadlab/judge/verdict.h"
#include "loadlab/probe/machine.h"
#include "loadlab/probe/machine_time.h"
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
      : test_(test), clock_(clock), stop_(stop), cores_(cores), watch_(test, clock, cores), observer_(observer) {}

  TestResult play() {
    watch_.begin();
    const auto machine_before = read_machine_time();
    auto loaded = run_load(test_, clock_, stop_,
                           [this](TestResult& so_far, const Timings& second) { return on_second(so_far, second); });
    TestResult result;
    if (loaded) {
      result = std::move(*loaded);
      result.resources = watch_.sum_up(result.total.requests);
      describe_machine(machine_before, result.generator);
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
    judge(test_, result);
    return result;
  }

 private:
  void describe_machine(const std::optional<MachineTime>& before, Generator& generator) const {
    generator.cores = cores_;
    const auto after = read_machine_time();
    if (!before || !after) return;
    const MachineUse use = use_between(*before, *after);
    generator.steal_percent = use.steal_percent;
    generator.machine_percent = use.busy_percent;
  }

  bool on_second(TestResult& so_far, const Timings& second) {
    watch_.fill(so_far.series.back());
    observer_.second_passed(test_, so_far, second);
    so_far.resources = watch_.sum_up(so_far.total.requests);
    if (!aborting_) aborting_ = should_abort(test_.thresholds, so_far, std::chrono::seconds(so_far.series.size()));
    return !aborting_;
  }

  const Test& test_;
  const base::Clock& clock_;
  const std::atomic<bool>& stop_;
  int cores_;
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
