#include "costagent/service/jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>

#include "costagent/queue/store_queue.h"
#include "costagent/store/open_store.h"
#include "support/failing_memory.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

// Threads run in their own time, and pauses are as short as they may be: nothing here depends on how long it takes.
class JobRunnerTest : public testing::Test {
 protected:
  JobRunnerTest() {
    std::string name = (fs::temp_directory_path() / "jobs-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    queue_ =
        std::make_unique<StoreQueue>(store_->jobs(), clock_, StoreQueueOptions{.max_attempts = 3, .first_pause = 1ms});
  }
  ~JobRunnerTest() override {
    runner_.reset();
    queue_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }

  void start(JobHandler handler, JobRunnerOptions options = {}) {
    options.heartbeat = 5ms;
    runner_ = std::make_unique<JobRunner>(*queue_, clock_, options);
    runner_->register_kind("collect", std::move(handler));
    runner_->start();
  }

  std::string push() { return queue_->push({"collect", "acme", R"({"file":"a"})"})->id; }

  template <class Holds>
  Job once(const std::string& id, Holds holds) {
    for (;;) {
      auto job = queue_->find(id).value();
      if (holds(job)) return job;
      std::this_thread::yield();
    }
  }
  Job ended(const std::string& id) { return once(id, has_ended); }
  std::uint64_t attempts(AttemptOutcome outcome) const {
    return runner_->use().attempts[static_cast<std::size_t>(outcome)];
  }

  // Runs until the test lets it, or its context tells it to give up, if it `listens`.
  JobHandler held(bool listens = false) {
    return [this, listens](const Job&, JobContext& context) -> base::Result<std::string> {
      began_.set_value();
      while (go_.wait_for(1ms) != std::future_status::ready) {
        if (listens && context.cancelled()) return base::fail(base::ErrorKind::cancelled, "cut short");
      }
      return "{}";
    };
  }

  fs::path folder_;
  base::SystemClock clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<StoreQueue> queue_;
  std::promise<void> began_;
  std::promise<void> let_go_;
  std::shared_future<void> go_ = let_go_.get_future().share();
  std::unique_ptr<JobRunner> runner_;
};

TEST_F(JobRunnerTest, runs_what_is_pushed_and_keeps_its_result) {
  start([](const Job& job, JobContext&) -> base::Result<std::string> {
    EXPECT_EQ(job.customer, "acme");
    EXPECT_EQ(job.payload, R"({"file":"a"})");
    return R"({"charges":7})";
  });
  const Job job = ended(push());
  EXPECT_EQ(job.state, JobState::done);
  EXPECT_EQ(job.result, R"({"charges":7})");
  EXPECT_EQ(job.attempts, 1);
  EXPECT_TRUE(runner_->stop(20s));
  EXPECT_EQ(attempts(AttemptOutcome::done), 1u);
}

TEST_F(JobRunnerTest, the_end_of_a_job_is_told_once_and_after_it_is_written_down) {
  JobRunnerOptions options;
  options.heartbeat = 5ms;
  runner_ = std::make_unique<JobRunner>(*queue_, clock_, options);
  std::atomic<int> tries{0};
  std::vector<std::pair<std::string, JobState>> ends;
  const auto handler = [&](const Job& job, JobContext&) -> base::Result<std::string> {
    if (job.customer == "wrong") return base::fail(base::ErrorKind::invalid, "this is no bill");
    if (++tries < 3) return base::fail(base::ErrorKind::unavailable, "the database is away");
    return "{}";
  };
  runner_->register_kind("collect", handler,
                         [&](const Job& job) { ends.emplace_back(job.customer, queue_->find(job.id).value().state); });
  runner_->start();
  ended(push());
  ended(queue_->push({"collect", "wrong"})->id);
  EXPECT_TRUE(runner_->stop(20s));
  EXPECT_EQ(tries, 3);
  const std::vector<std::pair<std::string, JobState>> expected{{"acme", JobState::done}, {"wrong", JobState::failed}};
  EXPECT_EQ(ends, expected);
}

TEST_F(JobRunnerTest, a_failure_that_may_pass_is_tried_again_and_another_is_not) {
  std::atomic<int> tries{0};
  start([&](const Job& job, JobContext&) -> base::Result<std::string> {
    if (job.key == "wrong") return base::fail(base::ErrorKind::invalid, "this is no bill");
    if (++tries < 3) return base::fail(base::ErrorKind::unavailable, "the database is away");
    return "{}";
  });
  NewJob wrong{"collect", "acme"};
  wrong.key = "wrong";
  const Job failed = ended(queue_->push(wrong)->id);
  EXPECT_EQ(failed.state, JobState::failed);
  EXPECT_EQ(failed.error, "this is no bill");
  EXPECT_EQ(failed.attempts, 1);
  const Job done = ended(push());
  EXPECT_EQ(done.state, JobState::done);
  EXPECT_EQ(done.attempts, 3);
  EXPECT_TRUE(runner_->stop(20s));
  EXPECT_EQ(attempts(AttemptOutcome::retried), 2u);
  EXPECT_EQ(attempts(AttemptOutcome::failed), 1u);
}

TEST_F(JobRunnerTest, what_a_library_throws_is_a_failure_that_may_pass) {
  start([](const Job&, JobContext&) -> base::Result<std::string> { throw std::runtime_error("out of luck"); });
  const Job job = ended(push());
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_EQ(job.error, "out of luck");
  EXPECT_EQ(job.attempts, 3);
}

TEST_F(JobRunnerTest, a_job_whose_end_finds_no_memory_ends_no_thread) {
  static thread_local std::optional<testing_support::FailingAllocation> failing;
  start([&](const Job&, JobContext&) -> base::Result<std::string> {
    const std::runtime_error error("what a library says, and at some length");
    failing.emplace(0);
    began_.set_value();
    throw error;
  });
  push();
  began_.get_future().wait();
  EXPECT_TRUE(runner_->stop(20s)) << "it is still thought to run";
}

TEST_F(JobRunnerTest, a_running_job_shows_how_far_it_is) {
  start([this](const Job&, JobContext& context) -> base::Result<std::string> {
    context.progress(0.25, "reading the file");
    go_.wait();
    return "{}";
  });
  const std::string id = push();
  const Job job = once(id, [](const Job& now) { return now.progress > 0; });
  EXPECT_EQ(job.state, JobState::running);
  EXPECT_EQ(job.progress, 0.25);
  EXPECT_EQ(job.note, "reading the file");
  let_go_.set_value();
  EXPECT_EQ(ended(id).progress, 1);
}

TEST_F(JobRunnerTest, a_lease_is_kept_for_as_long_as_the_job_runs) {
  start(held(), {.visibility = 200ms});
  const std::string id = push();
  began_.get_future().wait();
  const JobTime first = queue_->find(id)->due;
  // Three leases later it is still this worker's.
  once(id, [&](const Job& job) { return job.due > first + 600ms; });
  let_go_.set_value();
  EXPECT_EQ(ended(id).attempts, 1);
}

TEST_F(JobRunnerTest, a_running_job_that_is_cancelled_learns_of_it) {
  start(held(true));
  const std::string id = push();
  began_.get_future().wait();
  EXPECT_TRUE(queue_->cancel(id)->cancelling);
  EXPECT_EQ(ended(id).state, JobState::cancelled);
  EXPECT_TRUE(runner_->stop(20s));
  EXPECT_EQ(attempts(AttemptOutcome::cancelled), 1u);
}

TEST_F(JobRunnerTest, an_attempt_that_takes_too_long_is_told_to_give_up_and_made_again) {
  start(
      [](const Job& job, JobContext& context) -> base::Result<std::string> {
        if (job.attempts > 1) return "\"" + job.error + "\"";
        while (!context.cancelled()) std::this_thread::yield();
        return base::fail(base::ErrorKind::cancelled, "cut short");
      },
      {.longest = 1ms});
  const Job job = ended(push());
  EXPECT_EQ(job.attempts, 2);
  EXPECT_EQ(job.result, "\"it took longer than 0 s\"") << "of the attempt before";
}

TEST_F(JobRunnerTest, stopping_finishes_what_runs_and_begins_nothing_more) {
  start(held());
  const std::string running = push();
  began_.get_future().wait();
  let_go_.set_value();
  EXPECT_TRUE(runner_->stop(20s));
  EXPECT_EQ(queue_->find(running)->state, JobState::done);
  const std::string late = push();
  runner_.reset();
  EXPECT_EQ(queue_->find(late)->state, JobState::queued);
  EXPECT_EQ(queue_->find(late)->claims, 0);
}

TEST_F(JobRunnerTest, stopping_gives_back_what_does_not_end_in_time_without_counting_the_attempt) {
  start(held(true));
  const std::string id = push();
  began_.get_future().wait();
  EXPECT_TRUE(runner_->stop(1ms)) << "it gave up when it was told";
  const Job job = queue_->find(id).value();
  EXPECT_EQ(job.state, JobState::queued);
  EXPECT_EQ(job.attempts, 0);
  EXPECT_EQ(attempts(AttemptOutcome::given_back), 1u);
}

TEST_F(JobRunnerTest, what_a_stubborn_handler_says_after_its_job_was_given_back_counts_nothing) {
  start(held(false));
  const std::string id = push();
  began_.get_future().wait();
  EXPECT_FALSE(runner_->stop(1ms));
  EXPECT_EQ(queue_->find(id)->state, JobState::queued);
  EXPECT_EQ(queue_->find(id)->attempts, 0);
  let_go_.set_value();
  runner_.reset();
  EXPECT_EQ(queue_->find(id)->state, JobState::queued);
}

TEST_F(JobRunnerTest, several_threads_run_several_jobs_at_once) {
  std::promise<void> both;
  std::atomic<int> at_once{0};
  start(
      [&](const Job&, JobContext&) -> base::Result<std::string> {
        if (++at_once == 2) both.set_value();
        go_.wait();
        return "{}";
      },
      {.threads = 2});
  const std::string first = push();
  const std::string second = push();
  both.get_future().wait();
  let_go_.set_value();
  EXPECT_EQ(ended(first).state, JobState::done);
  EXPECT_EQ(ended(second).state, JobState::done);
}

// As while a database is started again: the first time, nobody is there to be told.
class OnceAway final : public StoreQueue {
 public:
  using StoreQueue::StoreQueue;
  base::Result<std::optional<JobState>> finish(const Job& claimed, const std::string& result) override {
    if (!std::exchange(was_away_, true)) return base::fail(base::ErrorKind::unavailable, "nobody is there");
    return StoreQueue::finish(claimed, result);
  }

 private:
  bool was_away_ = false;
};

TEST_F(JobRunnerTest, a_store_that_is_away_when_a_job_ends_is_asked_again) {
  queue_ = std::make_unique<OnceAway>(store_->jobs(), clock_, StoreQueueOptions{});
  start([](const Job&, JobContext&) -> base::Result<std::string> { return R"({"charges":7})"; });
  const Job job = ended(push());
  EXPECT_EQ(job.state, JobState::done);
  EXPECT_EQ(job.attempts, 1);
  EXPECT_EQ(job.result, R"({"charges":7})");
}

TEST_F(JobRunnerTest, its_use_tells_what_waits) {
  push();
  runner_ = std::make_unique<JobRunner>(*queue_, clock_, JobRunnerOptions{.threads = 0, .heartbeat = 1h});
  runner_->start();
  EXPECT_EQ(runner_->use().queued, 1u);
  EXPECT_GE(runner_->use().oldest, 0ns);
  EXPECT_EQ(runner_->use().running, 0u);
}

}  // namespace
}  // namespace costagent
