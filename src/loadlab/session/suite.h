// Plays a plan: its tests one after the other, each watched and judged.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"
#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Told how a suite goes, on the thread that plays it.
class SuiteObserver {
 public:
  virtual ~SuiteObserver() = default;
  // Once more of the same index where it is played again: what was seen of it until then counts nothing.
  virtual void test_begins(const Test& test, std::size_t index, std::size_t count) = 0;
  // A point of a sweep begins; its seconds are nobody's but its own.
  virtual void part_begins(const Test& /*test*/, const std::string& /*name*/, std::size_t /*index*/,
                           std::size_t /*count*/) {}
  // It has ended: what all its runs until now say of its point, which is kept if the sweep is killed.
  virtual void part_ended(const Test& /*test*/, const SweepPointResult& /*so_far*/) {}
  // After every second of a test, with what was counted so far and that second's own times, which are gone afterwards.
  virtual void second_passed(const Test& test, const TestResult& so_far, const Timings& second) = 0;
  virtual void test_ended(const TestResult& result) = 0;
};

// Blocks until all tests are over, or `stop` is set: then the test at hand is drained and judged, and the others are
// left out. A test that can't be carried out has the verdict error and says why; those after it are tried all the same.
RunResult play_suite(const Plan& plan, const base::Clock& clock, const std::atomic<bool>& stop,
                     SuiteObserver& observer);

}  // namespace loadlab
