#include "costagent/queue/store_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>
#include <thread>

#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::ErrorKind;
using testing::HasSubstr;

class StoreQueueTest : public testing::Test {
 protected:
  StoreQueueTest() {
    std::string name = (fs::temp_directory_path() / "queue-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    queue_.emplace(store_->jobs(), clock_, StoreQueueOptions{.max_attempts = 4, .keep = std::chrono::hours(48)});
  }
  ~StoreQueueTest() override {
    queue_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }

  Job push(const std::string& customer = "acme", const std::string& key = "") {
    NewJob job{"collect", customer};
    job.key = key;
    return queue_->push(job).value();
  }
  std::optional<Job> claim() { return queue_->claim({"worker", {"collect"}, 10s}).value(); }
  Job find(const Job& job) { return queue_->find(job.id).value(); }

  fs::path folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(480'000))};
  std::unique_ptr<Store> store_;
  std::optional<StoreQueue> queue_;
};

// A store that counts what it is asked when a job is looked for, and that may be away.
class CountingJobs final : public JobStore {
 public:
  explicit CountingJobs(JobStore& store) : store_(store) {}

  base::Result<std::optional<JobTime>> next_due(const std::vector<std::string>& kinds) override {
    ++asked;
    if (away) return base::fail(ErrorKind::unavailable, "away");
    return store_.next_due(kinds);
  }
  base::Result<std::optional<Job>> claim(const JobClaim& claim) override {
    ++claimed;
    if (away) return base::fail(ErrorKind::unavailable, "away");
    return store_.claim(claim);
  }
  base::Result<PushedJob> push(const Job& job, const JobLimits& limits) override { return store_.push(job, limits); }
  base::Result<LeaseState> extend(const JobLease& lease, JobTime until, const JobProgress& progress) override {
    return store_.extend(lease, until, progress);
  }
  base::Result<std::optional<JobState>> settle(const JobLease& lease, const JobEnd& end) override {
    return store_.settle(lease, end);
  }
  base::Result<std::optional<Job>> cancel(const std::string& id, JobTime now, JobTime forget) override {
    return store_.cancel(id, now, forget);
  }
  base::Result<std::optional<Job>> retry(const std::string& id, JobTime now, const JobLimits& limits) override {
    return store_.retry(id, now, limits);
  }
  base::Result<std::optional<Job>> find(const std::string& id) override { return store_.find(id); }
  base::Result<std::vector<Job>> list(const JobQuery& query) override { return store_.list(query); }
  base::Result<JobCounts> counts() override { return store_.counts(); }
  base::Result<std::size_t> forget(JobTime now, std::size_t limit) override { return store_.forget(now, limit); }

  int asked = 0;
  int claimed = 0;
  bool away = false;

 private:
  JobStore& store_;
};

TEST_F(StoreQueueTest, a_job_that_should_be_there_is_claimed_without_a_question) {
  CountingJobs jobs(store_->jobs());
  StoreQueue queue(jobs, clock_, {});
  const auto claim = [&] { return queue.claim({"worker", {"collect"}, 10s}); };
  EXPECT_FALSE(claim().value());
  EXPECT_EQ(jobs.asked, 1);
  EXPECT_EQ(jobs.claimed, 0) << "claiming writes";
  ASSERT_TRUE(queue.push({"collect", "acme"}));
  ASSERT_TRUE(queue.push({"collect", "acme"}));
  EXPECT_TRUE(claim().value());
  EXPECT_TRUE(claim().value());
  EXPECT_EQ(jobs.asked, 1);
  EXPECT_FALSE(claim().value());
  EXPECT_EQ(jobs.asked, 2);
  EXPECT_EQ(jobs.claimed, 3);
  EXPECT_FALSE(claim().value());
  EXPECT_EQ(jobs.claimed, 3) << "there should be none now";

  ASSERT_TRUE(queue.push({"collect", "acme"}));
  jobs.away = true;
  EXPECT_FALSE(claim());
  EXPECT_FALSE(claim());
  EXPECT_EQ(jobs.claimed, 4) << "while it is away nothing is expected of it";
  jobs.away = false;
  EXPECT_TRUE(claim().value());
}

TEST_F(StoreQueueTest, ids_are_16_hexadecimal_digits_and_all_different) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    ids.insert(push().id);
    EXPECT_EQ(ids.rbegin()->size(), 16u);
  }
  EXPECT_EQ(ids.size(), 100u);
}

TEST_F(StoreQueueTest, a_failed_attempt_is_made_again_after_longer_and_longer_pauses_until_the_job_is_a_dead_letter) {
  const Job job = push();
  base::Nanoseconds longest = 5s;
  for (int attempt = 1; attempt <= 3; ++attempt, longest *= 4) {
    const auto claimed = claim();
    ASSERT_TRUE(claimed) << attempt;
    EXPECT_EQ(queue_->fail(*claimed, "the disk is full", true).value(), JobState::queued);
    EXPECT_EQ(find(job).error, "the disk is full");
    const auto pause = find(job).due - job_time(clock_.utc());
    EXPECT_GE(pause, longest / 2) << attempt;
    EXPECT_LE(pause, longest) << attempt;
    clock_.advance(pause - 1us);
    EXPECT_FALSE(claim()) << "not before its time";
    clock_.advance(1us);
  }
  EXPECT_EQ(queue_->fail(*claim(), "the disk is still full", true).value(), JobState::failed);
  EXPECT_EQ(find(job).attempts, 4);
  EXPECT_EQ(find(job).error, "the disk is still full");
  clock_.advance(24h);
  EXPECT_FALSE(claim());
  const auto dead = queue_->list({JobState::failed}).value();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].id, job.id);
}

TEST_F(StoreQueueTest, pauses_after_failures_differ_by_chance_and_have_a_bound) {
  StoreQueue patient(store_->jobs(), clock_, {.max_attempts = 100, .first_pause = 5s, .longest_pause = 1min});
  std::set<JobTime> dues;
  for (int i = 0; i < 5; ++i) {
    const Job job = patient.push({"collect", "acme"}).value();
    ASSERT_TRUE(patient.fail(patient.claim({"worker", {"collect"}, 10s}).value().value(), "no", true));
    dues.insert(patient.find(job.id)->due);
  }
  EXPECT_EQ(dues.size(), 5u);
  clock_.advance(1min);
  for (int i = 0; i < 60; ++i) {
    const auto claimed = patient.claim({"worker", {"collect"}, 10s}).value();
    ASSERT_TRUE(claimed) << i;
    ASSERT_TRUE(patient.fail(*claimed, "no", true));
    clock_.advance(1min);
  }
}

TEST_F(StoreQueueTest, a_failure_that_will_not_pass_is_not_tried_again) {
  const Job job = push();
  EXPECT_EQ(queue_->fail(*claim(), "this is no bill", false).value(), JobState::failed);
  EXPECT_EQ(find(job).attempts, 1);
}

TEST_F(StoreQueueTest, a_dead_letter_can_be_tried_again_and_nothing_else) {
  const Job job = push();
  ASSERT_TRUE(queue_->fail(*claim(), "this is no bill", false));
  EXPECT_EQ(queue_->retry(job.id)->state, JobState::queued);
  EXPECT_EQ(queue_->retry(job.id)->state, JobState::queued) << "as often as one likes";
  ASSERT_TRUE(queue_->finish(*claim(), "{}"));
  EXPECT_EQ(queue_->retry(job.id).error().kind, ErrorKind::conflict);
  EXPECT_EQ(queue_->retry("none").error().kind, ErrorKind::not_found);
}

TEST_F(StoreQueueTest, a_job_can_be_cancelled_until_it_ends) {
  const Job waiting = push();
  EXPECT_EQ(queue_->cancel(waiting.id)->state, JobState::cancelled);
  EXPECT_EQ(queue_->cancel(waiting.id)->state, JobState::cancelled) << "once more changes nothing";
  EXPECT_FALSE(claim());
  const Job running = push();
  const Job claimed = *claim();
  EXPECT_TRUE(queue_->cancel(running.id)->cancelling);
  EXPECT_EQ(queue_->extend(lease_of(claimed), 10s, {}).value(), LeaseState::cancelled);
  EXPECT_EQ(queue_->fail(claimed, "cut short", true).value(), JobState::cancelled);
  const Job done = push();
  ASSERT_TRUE(queue_->finish(*claim(), "{}"));
  EXPECT_EQ(queue_->cancel(done.id).error().kind, ErrorKind::conflict);
  EXPECT_EQ(queue_->cancel("none").error().kind, ErrorKind::not_found);
}

TEST_F(StoreQueueTest, a_silent_workers_job_is_another_workers) {
  const Job job = push();
  const Job first = *claim();
  clock_.advance(9s);
  EXPECT_EQ(queue_->extend(lease_of(first), 10s, {0.5, "halfway"}).value(), LeaseState::held);
  clock_.advance(9s);
  EXPECT_FALSE(claim());
  clock_.advance(1s);
  const Job second = claim().value();
  EXPECT_EQ(second.id, job.id);
  EXPECT_EQ(queue_->finish(first, "{}").value(), std::nullopt);
  EXPECT_EQ(queue_->fail(first, "no", false).value(), std::nullopt);
  EXPECT_EQ(queue_->give_back(first).value(), std::nullopt);
  EXPECT_EQ(queue_->finish(second, "{}").value(), JobState::done);
}

TEST_F(StoreQueueTest, what_is_given_back_is_claimed_again_at_once_and_has_lost_no_attempt) {
  push();
  for (int i = 0; i < 20; ++i) {
    const auto claimed = claim();
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->attempts, 1);
    EXPECT_EQ(queue_->give_back(*claimed).value(), JobState::queued);
  }
}

TEST_F(StoreQueueTest, a_customer_with_a_thousand_jobs_does_not_hold_up_one_with_one) {
  for (int i = 0; i < 1000; ++i) push("large");
  push("small");
  clock_.advance(1s);
  std::vector<std::string> served;
  for (int i = 0; i < 3; ++i) {
    const Job claimed = *claim();
    served.push_back(claimed.customer);
    clock_.advance(1s);
    ASSERT_TRUE(queue_->finish(claimed, "{}"));
  }
  EXPECT_EQ(served, (std::vector<std::string>{"large", "small", "large"}));
  EXPECT_EQ(queue_->push({"collect", "large"})->state, JobState::queued);
}

TEST_F(StoreQueueTest, what_is_too_large_is_refused_and_what_is_said_of_a_failure_is_cut) {
  NewJob large{"collect", "acme"};
  large.payload = std::string(StoreQueue::kMaxPayload + 1, 'x');
  EXPECT_EQ(queue_->push(large).error().kind, ErrorKind::too_large);
  large.payload.pop_back();
  EXPECT_TRUE(queue_->push(large));
  const Job job = *claim();
  std::string error(StoreQueue::kMaxError - 1, 'e');
  ASSERT_TRUE(queue_->fail(job, error + "ü and more", false));
  EXPECT_EQ(find(job).error, error) << "not within a character";
}

TEST_F(StoreQueueTest, what_ended_long_ago_is_forgotten) {
  const Job job = push();
  ASSERT_TRUE(queue_->fail(*claim(), "no", false));
  clock_.advance(47h);
  ASSERT_TRUE(queue_->tidy());
  EXPECT_TRUE(queue_->find(job.id));
  clock_.advance(1h);
  ASSERT_TRUE(queue_->tidy());
  EXPECT_EQ(queue_->find(job.id).error().kind, ErrorKind::not_found);
}

// Lets a test ask whether a wait ended by a hint, or because its time was over.
class Waiting final : public StoreQueue {
 public:
  using StoreQueue::StoreQueue;
  bool hinted(const std::stop_token& stop = {}, std::chrono::milliseconds longest = 60s) {
    return wait_for_hint(stop, longest);
  }
};

TEST_F(StoreQueueTest, a_push_ends_a_wait_now_or_the_next_one) {
  Waiting queue(store_->jobs(), clock_, {});
  const NewJob job{"collect", "acme"};
  ASSERT_TRUE(queue.push(job));
  ASSERT_TRUE(queue.push(job));
  EXPECT_TRUE(queue.hinted());
  EXPECT_TRUE(queue.hinted());
  std::thread pusher([&] { EXPECT_TRUE(queue.push(job)); });
  EXPECT_TRUE(queue.hinted());
  pusher.join();
}

TEST_F(StoreQueueTest, what_is_known_to_become_due_ends_a_wait) {
  Waiting queue(store_->jobs(), clock_, {});
  ASSERT_TRUE(queue.push({"collect", "acme"}));
  EXPECT_TRUE(queue.hinted());
  const auto job = queue.claim({"worker", {"collect"}, 10s}).value();
  EXPECT_FALSE(queue.claim({"worker", {"collect"}, 10s}).value());
  clock_.advance(9'990ms);
  EXPECT_FALSE(queue.hinted()) << "the lease is over in 10 ms, and not after a minute";
}

TEST_F(StoreQueueTest, a_wait_ends_when_it_is_told_to) {
  Waiting queue(store_->jobs(), clock_, {});
  // On the heap, as GCC 12 takes one on the stack for uninitialised under a sanitizer.
  const auto stop = std::make_unique<std::stop_source>();
  std::thread stopper([&] { stop->request_stop(); });
  EXPECT_FALSE(queue.hinted(stop->get_token(), std::chrono::hours(1)));
  stopper.join();
}

}  // namespace
}  // namespace costagent
