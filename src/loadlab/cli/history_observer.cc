#include "loadlab/cli/history_observer.h"

#include <signal.h>

#include <cmath>

#include "loadlab/plan/load_digest.h"
#include "stats/histogram_log.h"

namespace loadlab {
namespace {

std::optional<double> if_known(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

Block block_of(const Second& second, const stats::Histogram& response, const std::vector<StepBlock>& steps) {
  Block block;
  block.begin_seconds = second.index;
  block.end_seconds = second.index + 1;
  block.requests = second.requests;
  block.errors = second.errors;
  block.dropped = second.dropped;
  block.users = second.users;
  block.cpu = if_known(second.cpu_percent);
  block.memory = if_known(second.memory_mb);
  block.response = stats::encode_histogram(response);
  block.steps = encode_steps(steps);
  return block;
}

}  // namespace

HistoryObserver::HistoryObserver(std::optional<History> history, const RunHead& head, SuiteObserver& next,
                                 std::chrono::nanoseconds between_beats)
    : next_(next), history_(std::move(history)) {
  if (!history_) return;
  const auto begun = history_->begin_run(head);
  if (!begun) {
    written_ = base::pass_on(begun);
    return;
  }
  run_ = *begun;
  // Signals are for the thread that plays: it may wait for something that they cut short.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  beats_ = std::thread([this, between_beats] { beat(between_beats); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

HistoryObserver::~HistoryObserver() { end_beats(); }

void HistoryObserver::beat(std::chrono::nanoseconds between) {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, between, [this] { return over_; })) {
    // Nothing is lost with one that can't be written: the next follows.
    static_cast<void>(history_->see(run_));
  }
}

void HistoryObserver::end_beats() {
  if (!beats_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_one();
  beats_.join();
}

void HistoryObserver::write(const auto& what) {
  const std::lock_guard lock(mutex_);
  if (history_ && written_) written_ = what(*history_);
}

void HistoryObserver::test_begins(const Test& test, std::size_t index, std::size_t count) {
  if (!begun_.insert(index).second) write([&](History& history) { return history.forget_test(run_, index); });
  test_ = index;
  steps_.clear();
  write([&](History& history) { return history.begin_test(run_, index, test.name, load_digest(test)); });
  next_.test_begins(test, index, count);
}

void HistoryObserver::part_ended(const Test& test, const SweepPointResult& so_far) {
  write([&](History& history) { return history.add_point(run_, *test_, so_far); });
  next_.part_ended(test, so_far);
}

void HistoryObserver::second_passed(const Test& test, const TestResult& so_far, const Timings& second) {
  write([&](History& history) {
    const auto steps = steps_.next(so_far.steps);
    return history.add_second(run_, *test_, block_of(so_far.series.back(), second.response, steps));
  });
  next_.second_passed(test, so_far, second);
}

void HistoryObserver::test_ended(const TestResult& result) {
  write([&](History& history) { return history.end_test(run_, *test_, result); });
  next_.test_ended(result);
}

base::Result<std::int64_t> HistoryObserver::finish(const RunResult& result, const std::string& summary) {
  end_beats();
  write([&](History& history) { return history.end_run(run_, result, summary); });
  if (!written_)
    return base::fail(written_.error().kind, "the run is not in its history: {}", written_.error().message);
  return run_;
}

}  // namespace loadlab
