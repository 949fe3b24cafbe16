#include "loadlab/cli/history_observer.h"

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

HistoryObserver::HistoryObserver(std::optional<History> history, const RunHead& head, SuiteObserver& next)
    : history_(std::move(history)), next_(next) {
  if (!history_) return;
  const auto begun = history_->begin_run(head);
  if (begun) {
    run_ = *begun;
  } else {
    written_ = base::pass_on(begun);
  }
}

void HistoryObserver::test_begins(const Test& test, std::size_t index, std::size_t count) {
  if (writes() && test_ == index) written_ = history_->forget_test(run_, index);
  test_ = index;
  if (writes()) written_ = history_->begin_test(run_, *test_, test.name, load_digest(test));
  steps_.clear();
  next_.test_begins(test, index, count);
}

void HistoryObserver::second_passed(const Test& test, const TestResult& so_far, const Timings& second) {
  if (writes()) {
    const auto steps = steps_.next(so_far.steps);
    written_ = history_->add_second(run_, *test_, block_of(so_far.series.back(), second.response, steps));
  }
  next_.second_passed(test, so_far, second);
}

void HistoryObserver::test_ended(const TestResult& result) {
  if (writes()) written_ = history_->end_test(run_, *test_, result);
  next_.test_ended(result);
}

base::Result<std::int64_t> HistoryObserver::finish(const RunResult& result, const std::string& summary) {
  if (writes()) written_ = history_->end_run(run_, result, summary);
  if (!written_)
    return base::fail(written_.error().kind, "the run is not in its history: {}", written_.error().message);
  return run_;
}

}  // namespace loadlab
