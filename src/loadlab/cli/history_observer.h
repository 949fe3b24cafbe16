// Writes a run to a history (loadlab/history) while it is played.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "loadlab/cli/step_seconds.h"
#include "loadlab/history/history.h"
#include "loadlab/session/suite.h"

namespace loadlab {

// Stands before another observer, which is told of everything too. A load goes on without its history when that can't
// be written; `finish` says so.
//
// From the beginning to `finish` a thread of its own says in the history, now and then, that the run is still played:
// what is set up, a benchmark or a sweep may take minutes in which nothing else is written.
class HistoryObserver final : public SuiteObserver {
 public:
  // Often enough that one or two may be missed before the run passes for killed.
  static constexpr std::chrono::nanoseconds kBetweenBeats = std::chrono::seconds(5);
  static_assert(2 * kBetweenBeats < History::kSilence);

  // Without a history it writes nothing. `next` must outlive it, and so must the history's clock, which the thread
  // asks.
  HistoryObserver(std::optional<History> history, const RunHead& head, SuiteObserver& next,
                  std::chrono::nanoseconds between_beats = kBetweenBeats);
  ~HistoryObserver() override;

  void test_begins(const Test& test, std::size_t index, std::size_t count) override;
  void part_begins(const Test& test, const std::string& name, std::size_t index, std::size_t count) override {
    next_.part_begins(test, name, index, count);
  }
  void part_ended(const Test& test, const SweepPointResult& so_far) override;
  void second_passed(const Test& test, const TestResult& so_far, const Timings& second) override;
  void test_ended(const TestResult& result) override;

  // The run's number in the history, 0 without one. Fails with the first thing that went wrong since the beginning.
  base::Result<std::int64_t> finish(const RunResult& result, const std::string& summary);

 private:
  // Unless something went wrong before.
  void write(const auto& what);
  void beat(std::chrono::nanoseconds between);
  void end_beats();

  SuiteObserver& next_;
  std::int64_t run_ = 0;
  std::optional<std::size_t> test_;  // that was begun last
  std::set<std::size_t> begun_;      // all of them
  StepSeconds steps_;                // of it

  std::mutex mutex_;  // guards what follows, but for the thread
  std::optional<History> history_;
  base::Result<> written_;
  bool over_ = false;
  std::condition_variable ended_;
  std::thread beats_;
};

}  // namespace loadlab
