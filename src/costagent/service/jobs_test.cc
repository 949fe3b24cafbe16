#include "costagent/service/jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>

#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

class JobQueueTest : public testing::Test {
 protected:
  JobQueueTest() {
    std::string name = (fs::temp_directory_path() / "jobs-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    make_queue(1);
  }
  ~JobQueueTest() override {
    queue_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }

  void make_queue(std::uint64_t seed) {
    queue_ = std::make_unique<JobQueue>(store_->state(), clock_, JobQueueOptions{.capacity = 3, .seed = seed});
  }

  // A job that runs until the test lets it.
  JobQueue::Work held() {
    return [this]() -> base::Result<std::string> {
      began_.set_value();
      go_.get_future().wait();
      return "{}";
    };
  }

  Job ended(const std::string& id) {
    for (;;) {
      const auto job = queue_->find(id).value();
      if (job.state == JobState::done || job.state == JobState::failed) return job;
      std::this_thread::yield();
    }
  }

  static base::Result<std::string> nothing() { return "{}"; }

  fs::path folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(500'000))};
  std::unique_ptr<Store> store_;
  std::unique_ptr<JobQueue> queue_;
  std::promise<void> began_;
  std::promise<void> go_;
};

TEST_F(JobQueueTest, keeps_what_became_of_a_job) {
  ASSERT_TRUE(queue_->start());
  const auto good = queue_->submit("collect", "acme", [] { return base::Result<std::string>(R"({"a":1})"); }).value();
  const auto bad =
      queue_
          ->submit("collect", "acme",
                   []() -> base::Result<std::string> { return base::fail(base::ErrorKind::io, "the disk is gone"); })
          .value();
  EXPECT_EQ(good.state, JobState::queued);
  EXPECT_EQ(ended(good.id).result, R"({"a":1})");
  EXPECT_EQ(ended(bad.id).error, "the disk is gone");
  EXPECT_EQ(ended(bad.id).state, JobState::failed);
  EXPECT_EQ(queue_->find("none").error().kind, base::ErrorKind::not_found);
}

TEST_F(JobQueueTest, a_full_queue_refuses_until_a_job_ends) {
  ASSERT_TRUE(queue_->start());
  const auto first = queue_->submit("collect", "acme", held()).value();
  began_.get_future().wait();
  EXPECT_EQ(queue_->find(first.id).value().state, JobState::running);
  const auto second = queue_->submit("collect", "acme", nothing).value();
  const auto third = queue_->submit("collect", "acme", nothing).value();
  EXPECT_EQ(queue_->find(third.id).value().state, JobState::queued);
  EXPECT_EQ(queue_->submit("collect", "acme", nothing).error().kind, base::ErrorKind::unavailable);
  go_.set_value();
  EXPECT_EQ(ended(third.id).state, JobState::done);
  EXPECT_TRUE(queue_->submit("collect", "acme", nothing));
}

TEST_F(JobQueueTest, stopping_finishes_what_runs_and_fails_what_waits) {
  ASSERT_TRUE(queue_->start());
  const auto running = queue_->submit("collect", "acme", held()).value();
  began_.get_future().wait();
  const auto waiting = queue_->submit("collect", "acme", nothing).value();
  EXPECT_FALSE(queue_->stop(std::chrono::milliseconds(1)));
  EXPECT_EQ(queue_->find(waiting.id).value().state, JobState::failed);
  EXPECT_EQ(queue_->submit("collect", "acme", nothing).error().kind, base::ErrorKind::unavailable);
  go_.set_value();
  EXPECT_TRUE(queue_->stop(std::chrono::seconds(20)));
  EXPECT_EQ(queue_->find(running.id).value().state, JobState::done);
}

TEST_F(JobQueueTest, what_a_crash_left_behind_is_failed_at_the_next_start) {
  Job left;
  left.id = "0123456789abcdef";
  left.kind = "collect";
  left.customer = "acme";
  left.state = JobState::queued;
  ASSERT_TRUE(store_->state().save(left));
  ASSERT_TRUE(queue_->start());
  const auto found = queue_->find(left.id).value();
  EXPECT_EQ(found.state, JobState::failed);
  EXPECT_THAT(found.error, testing::HasSubstr("submit it again"));
}

}  // namespace
}  // namespace costagent
