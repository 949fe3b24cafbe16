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
  const auto play_test = [&](std::size_t i) {
    const Test& test = plan.tests[i];
    observer.test_begins(test, i, plan.tests.size());
    auto result = ready ? play(test, {clock, stop, run.machine.cores, plan.again, staging, observer})
                        : not_played(test, clock, "What the suite needs could not be set up. " + ready.error().message);
    if (!ready) {
      result.load = describe_load(test);
      judge(test, result);
    }
    observer.test_ended(result);
    return result;
  };
  for (std::size_t i = 0; i < plan.tests.size() && !stop; ++i) run.tests.push_back(play_test(i));
  // Of a sweep each point is played again for itself.
  const auto may = [&](std::size_t i) { return !plan.tests[i].sweep; };
  play_again_later(run.tests, play_test, may, plan.again, stop);
  run.notes = staging.take_down();
  run.interrupted = stop;
  run.verdict = verdict_of(run);
  return run;
}

}  // namespace loadlab
