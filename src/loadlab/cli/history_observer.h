// Writes a run to a history (loadlab/history) while it is played.
#pragma once

#include <optional>
#include <string>

#include "loadlab/cli/step_seconds.h"
#include "loadlab/history/history.h"
#include "loadlab/session/suite.h"

namespace loadlab {

// Stands before another observer, which is told of everything too. A load goes on without its history when that can't
// be written; `finish` says so.
class HistoryObserver final : public SuiteObserver {
 public:
  // Without a history it writes nothing. `next` must outlive it.
  HistoryObserver(std::optional<History> history, const RunHead& head, SuiteObserver& next);

  void test_begins(const Test& test, std::size_t index, std::size_t count) override;
  void part_begins(const Test& test, const std::string& name, std::size_t index, std::size_t count) override {
    next_.part_begins(test, name, index, count);
  }
  void second_passed(const Test& test, const TestResult& so_far, const Timings& second) override;
  void test_ended(const TestResult& result) override;

  // The run's number in the history, 0 without one. Fails with the first thing that went wrong since the beginning.
  base::Result<std::int64_t> finish(const RunResult& result, const std::string& summary);

 private:
  bool writes() const { return history_ && written_; }

  std::optional<History> history_;
  SuiteObserver& next_;
  std::int64_t run_ = 0;
  std::optional<std::size_t> test_;  // that was begun last
  StepSeconds steps_;                // of it
  base::Result<> written_;
};

}  // namespace loadlab
