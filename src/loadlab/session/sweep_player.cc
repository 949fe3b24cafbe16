#include "loadlab/session/sweep_player.h"

#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "base/random.h"
#include "loadlab/judge/sweeps.h"
#include "loadlab/plan/sweep.h"
#include "loadlab/session/again.h"
#include "loadlab/session/describe_load.h"

namespace loadlab {
namespace {

// A point's seconds are not the sweep's: they would be written over each other.
class Unheard final : public SuiteObserver {
 public:
  void test_begins(const Test&, std::size_t, std::size_t) override {}
  void second_passed(const Test&, const TestResult&, const Timings&) override {}
  void test_ended(const TestResult&) override {}
};

// Fisher and Yates.
void shuffle(std::vector<std::size_t>& order, base::Random& random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
}

// The points in the order in which they are played.
std::vector<std::size_t> plays_of(const Sweep& sweep, std::uint64_t seed) {
  base::Random random(base::mix(seed));
  std::vector<std::size_t> order(sweep.points.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::size_t> plays;
  for (int repeat = 0; repeat < sweep.repeat; ++repeat) {
    shuffle(order, random);
    plays.insert(plays.end(), order.begin(), order.end());
  }
  return plays;
}

}  // namespace

TestResult play_sweep(const Test& test, const Playing& playing) {
  const Sweep& sweep = *test.sweep;
  TestResult result;
  name_after(test, result);
  result.load = describe_load(test);
  result.target = test.target.text;
  result.started = playing.clock.utc();
  result.started_monotonic = base::SystemClock::monotonic_now();
  SweepJudge judge(test);
  Unheard unheard;
  const Playing of_point{playing.clock, playing.stop, playing.cores, playing.again, playing.suite, unheard};
  const std::vector<std::size_t> plays = plays_of(sweep, test.seed);
  for (std::size_t played = 0; played < plays.size() && !playing.stop;) {
    const SweepPoint& point = sweep.points[plays[played]];
    playing.observer.part_begins(test, point.name(), played, plays.size());
    const TestResult run =
        play_until_trusted([&] { return play_load(point.test, of_point); }, playing.again, playing.stop);
    // What was cut short says nothing of its point.
    if (playing.stop) break;
    judge.add(plays[played], run);
    playing.observer.part_ended(test, judge.point(plays[played]));
    ++played;
    result.planned_seconds += run.planned_seconds;
    for (const std::string& note : run.notes) result.notes.push_back(point.name() + ": " + note);
    if (run.failure.empty()) continue;
    // Whatever the others came to, the sweep is an error already.
    if (played < plays.size())
      result.notes.push_back(fmt::format("The sweep ended with that: {} of its {} plays were left out.",
                                         plays.size() - played, plays.size()));
    break;
  }
  result.seconds = std::chrono::duration<double>(base::SystemClock::monotonic_now() - result.started_monotonic).count();
  if (playing.stop) result.stopped = "interrupted";
  judge.finish(result);
  return result;
}

}  // namespace loadlab
