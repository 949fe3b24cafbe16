#include "loadlab/session/test_player.h"

#include <fmt/format.h>

#include <optional>

#include "loadlab/engine/engine.h"
#include "loadlab/engine/errand.h"
#include "loadlab/judge/thresholds.h"
#include "loadlab/judge/verdict.h"
#include "loadlab/probe/machine_time.h"
#include "loadlab/session/describe_load.h"
#include "loadlab/session/resource_watch.h"

namespace loadlab {
namespace {

// How long a teardown may go on after an interrupt: long enough to take something away, short enough for whoever waits
// for the prompt. A second interrupt ends the program at once.
constexpr base::Nanoseconds kTeardownAfterInterrupt = std::chrono::seconds(10);

// One test, from its set-up to its verdict.
class TestPlayer {
 public:
  TestPlayer(const Test& test, const Playing& playing)
      : test_(test),
        clock_(playing.clock),
        stop_(playing.stop),
        cores_(playing.cores),
        suite_(playing.suite),
        staging_(test.around, test, &playing.suite, playing.stop),
        sources_(test, playing.clock),
        observer_(playing.observer) {}

  TestResult play() {
    auto loaded = carry_out();
    watch_.reset();
    const auto left_undone = staging_.take_down();
    TestResult result;
    if (loaded) {
      result = std::move(*loaded);
    } else {
      result = not_played(test_, clock_, loaded.error().message);
    }
    result.notes.insert(result.notes.end(), left_undone.begin(), left_undone.end());
    name_after(test_, result);
    result.load = describe_load(test_);
    result.setup = std::move(setup_);
    result.teardown = std::move(teardown_);
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
  base::Result<TestResult> carry_out() {
    if (const auto ready = staging_.set_up(); !ready) return base::pass_on(ready);
    watch_.emplace(test_, cores_, staging_.watched());
    // Without it something else would be loaded, such as what an earlier run has left behind.
    if (!watch_->command_failure().empty())
      return base::fail(base::ErrorKind::unavailable, "{}", watch_->command_failure());
    auto loaded = set_up_and_load();
    // That nobody answers says less than why.
    if (!loaded && has_died()) return base::fail(base::ErrorKind::unavailable, "{}", death_);
    return loaded;
  }

  base::Result<TestResult> set_up_and_load() {
    if (test_.setup.steps.empty() && test_.teardown.steps.empty()) return load({});
    std::vector<std::string> values;
    if (!test_.setup.steps.empty()) {
      setup_ = play_errand(test_, test_.setup, stop_, base::Nanoseconds(0), sources_, values);
      if (!setup_->failure.empty())
        return base::fail(base::ErrorKind::unavailable, "The set-up failed, so nothing was loaded: {}.",
                          setup_->failure);
    }
    auto loaded = load(values);
    if (!test_.teardown.steps.empty())
      teardown_ = play_errand(test_, test_.teardown, stop_, kTeardownAfterInterrupt, sources_, values);
    return loaded;
  }

  base::Result<TestResult> load(const std::vector<std::string>& setup_values) {
    watch_->begin();
    const auto machine_before = read_machine_time();
    staging_.load_begins();
    auto loaded = run_load(
        test_, clock_, stop_, [this](TestResult& so_far, const Timings& second) { return on_second(so_far, second); },
        setup_values, sources_);
    if (!loaded) return loaded;
    watch_->end(*loaded);
    describe_machine(machine_before, loaded->generator);
    look_behind(*loaded);
    return loaded;
  }

  // What is asked once the load is over, while everything still runs.
  void look_behind(TestResult& result) {
    result.failure = staging_.load_ended(result);
    if (has_died()) result.failure = death_;
    if (!result.failure.empty() || stop_) return;
    auto verified = staging_.verify();
    if (verified) {
      result.verifications = std::move(*verified);
    } else {
      result.failure = verified.error().message;
    }
  }

  bool has_died() {
    if (death_.empty()) death_ = staging_.death();
    if (death_.empty()) death_ = suite_.death();
    return !death_.empty();
  }

  void describe_machine(const std::optional<MachineTime>& before, Generator& generator) const {
    generator.cores = cores_;
    const auto after = read_machine_time();
    if (!before || !after) return;
    const MachineUse use = use_between(*before, *after);
    generator.steal_percent = use.steal_percent;
    generator.machine_percent = use.busy_percent;
  }

  bool on_second(TestResult& so_far, const Timings& second) {
    watch_->update(so_far);
    observer_.second_passed(test_, so_far, second);
    if (!aborting_) aborting_ = should_abort(test_.thresholds, so_far, std::chrono::seconds(so_far.series.size()));
    return !aborting_ && !has_died();
  }

  const Test& test_;
  const base::Clock& clock_;
  const std::atomic<bool>& stop_;
  int cores_;
  Staging& suite_;
  Staging staging_;
  std::optional<ResourceWatch> watch_;
  std::string death_;
  ValueSources sources_;
  SuiteObserver& observer_;
  std::optional<ThresholdOutcome> aborting_;
  std::optional<ErrandResult> setup_;
  std::optional<ErrandResult> teardown_;
};

}  // namespace

// Of a test that could not be carried out.
TestResult not_played(const Test& test, const base::Clock& clock, const std::string& why) {
  TestResult result;
  name_after(test, result);
  result.target = test.target.text;
  result.started = clock.utc();
  result.planned_seconds = std::chrono::duration<double>(test.duration()).count();
  result.failure = why;
  return result;
}

void name_after(const Test& test, TestResult& result) {
  result.name = test.name;
  result.family = test.family;
  result.tags = test.tags;
}

TestResult play_load(const Test& test, const Playing& playing) { return TestPlayer(test, playing).play(); }

}  // namespace loadlab
