#include "loadlab/session/suite.h"

#include "loadlab/judge/verdict.h"
#include "loadlab/probe/machine.h"
#include "loadlab/result/version.h"
#include "loadlab/session/again.h"
#include "loadlab/session/benchmark_player.h"
#include "loadlab/session/describe_load.h"
#include "loadlab/session/staging.h"
#include "loadlab/session/sweep_player.h"
#include "loadlab/session/test_player.h"

namespace loadlab {
namespace {

TestResult play(const Test& test, const Playing& playing) {
  if (test.benchmark) return play_benchmark(test, playing);
  return test.sweep ? play_sweep(test, playing) : play_load(test, playing);
}

}  // namespace

RunResult play_suite(const Plan& plan, const base::Clock& clock, const std::atomic<bool>& stop,
                     SuiteObserver& observer) {
  RunResult run;
  run.suite = plan.suite;
  run.version = kVersion;
  run.started = clock.utc();
  run.machine = this_machine();
  Test suite;
  suite.target = plan.target.value_or(Url());
  suite.folder = plan.folder;
  Staging staging(plan.around, suite, nullptr, stop);
  const auto ready = staging.set_up();
  for (std::size_t i = 0; i < plan.tests.size() && !stop; ++i) {
    const Test& test = plan.tests[i];
    observer.test_begins(test, i, plan.tests.size());
    if (ready) {
      bool again = false;
      const auto play_once = [&] {
        if (again) observer.test_begins(test, i, plan.tests.size());
        again = true;
        return play(test, {clock, stop, run.machine.cores, plan.again, staging, observer});
      };
      // Of a sweep each point is played again for itself.
      run.tests.push_back(play_until_trusted(play_once, test.sweep ? 0 : plan.again, stop));
    } else {
      run.tests.push_back(
          not_played(test, clock, "What the suite needs could not be set up. " + ready.error().message));
      run.tests.back().load = describe_load(test);
      judge(test, run.tests.back());
    }
    observer.test_ended(run.tests.back());
  }
  run.notes = staging.take_down();
  run.interrupted = stop;
  run.verdict = verdict_of(run);
  return run;
}

}  // namespace loadlab
