// What every store of jobs promises of the queue: what waits, and who gets it.
#include "costagent/domain/job_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "costagent/store/job_store_test.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(Stores, JobStoreTest, every_store(), name_of_kind);

TEST_P(JobStoreTest, a_job_is_found_as_it_was_pushed) {
  Job pushed = job("j1");
  pushed.key = "file a";
  pushed.priority = -3;
  pushed.due = kStart + 5s;
  const auto added = jobs().push(pushed, kLimits).value();
  EXPECT_TRUE(added.added);
  const Job found = find("j1");
  EXPECT_EQ(found.kind, "collect");
  EXPECT_EQ(found.customer, "acme");
  EXPECT_EQ(found.payload, R"({"file":"a.csv"})");
  EXPECT_EQ(found.key, "file a");
  EXPECT_EQ(found.priority, -3);
  EXPECT_EQ(found.state, JobState::queued);
  EXPECT_EQ(found.attempts, 0);
  EXPECT_EQ(found.max_attempts, 2);
  EXPECT_EQ(found.due, kStart + 5s);
  EXPECT_EQ(found.created, kStart);
  EXPECT_EQ(found.started, JobTime());
  EXPECT_FALSE(jobs().find("none").value());
}

TEST_P(JobStoreTest, an_unfinished_job_of_the_same_customer_and_key_is_returned_instead_of_a_second_one) {
  const auto with_key = [&](const std::string& id, const std::string& customer = "acme") {
    Job wanted = job(id, customer);
    wanted.key = "file a";
    return jobs().push(wanted, kLimits).value();
  };
  EXPECT_TRUE(with_key("j1").added);
  EXPECT_FALSE(with_key("j2").added);
  EXPECT_EQ(with_key("j2").job.id, "j1");
  EXPECT_TRUE(with_key("other", "bcme").added) << "another customer's key";
  const Job running = *claim();
  EXPECT_EQ(running.id, "j1");
  EXPECT_EQ(with_key("j2").job.state, JobState::running);
  settle(running, {JobState::done, kStart});
  EXPECT_TRUE(with_key("j2").added) << "the first one has ended";
  EXPECT_TRUE(jobs().push(job("j3"), kLimits)->added);
  EXPECT_TRUE(jobs().push(job("j4"), kLimits)->added) << "without a key each is its own";
}

TEST_P(JobStoreTest, a_job_that_was_told_to_stop_leaves_its_key_to_the_next) {
  Job wanted = job("j1");
  wanted.key = "file a";
  ASSERT_TRUE(jobs().push(wanted, kLimits));
  const Job running = *claim();
  ASSERT_TRUE(jobs().cancel("j1", kStart, kForget).value()->cancelling);
  wanted.id = "j2";
  EXPECT_TRUE(jobs().push(wanted, kLimits)->added);
  EXPECT_EQ(settle(running, {JobState::queued, kStart, kStart}), JobState::cancelled);
  EXPECT_EQ(jobs().retry("j1", kStart, kLimits).error().kind, base::ErrorKind::conflict) << "j2 has the key";
  EXPECT_EQ(find("j1").state, JobState::cancelled);
}

TEST_P(JobStoreTest, no_more_are_queued_than_may_be_in_all_and_of_a_customer) {
  const JobLimits limits{3, 2};
  const auto refusal = [&](const std::string& id, const std::string& customer) {
    const auto pushed = jobs().push(job(id, customer), limits);
    return pushed ? std::string() : pushed.error().message;
  };
  EXPECT_EQ(refusal("a1", "acme") + refusal("a2", "acme"), "");
  EXPECT_THAT(refusal("a3", "acme"), HasSubstr("2 jobs of 'acme' are waiting"));
  EXPECT_EQ(refusal("b1", "bcme"), "");
  EXPECT_THAT(refusal("c1", "ccme"), HasSubstr("3 jobs are waiting"));
  const Job running = *claim();
  EXPECT_EQ(refusal("a3", "acme"), "") << "one that runs doesn't wait";
  settle(running, {JobState::failed, kStart});
  EXPECT_EQ(jobs().retry(running.id, kStart, limits).error().kind, base::ErrorKind::unavailable);
}

TEST_P(JobStoreTest, a_claim_is_one_workers_until_it_ends) {
  push("j1");
  const Job first = *claim(kStart + 1s);
  EXPECT_EQ(first.state, JobState::running);
  EXPECT_EQ(first.worker, "worker");
  EXPECT_EQ(first.attempts, 1);
  EXPECT_EQ(first.started, kStart + 1s);
  EXPECT_EQ(first.due, kStart + 11s);
  EXPECT_EQ(claimed(kStart + 10s), "");
  const Job second = *claim(kStart + 11s);
  EXPECT_EQ(second.id, "j1");
  EXPECT_EQ(second.attempts, 2);
  EXPECT_EQ(second.error, "its worker ended, or was cut off, before the job did");
  EXPECT_EQ(jobs().extend(lease_of(first), kStart + 60s, {}).value(), LeaseState::lost);
  EXPECT_EQ(settle(first, {JobState::done, kStart + 12s}), std::nullopt);
  EXPECT_EQ(find("j1").state, JobState::running);
  EXPECT_EQ(settle(second, {JobState::done, kStart + 12s, {}, {}, true, "{}"}), JobState::done);
  EXPECT_EQ(settle(second, {JobState::failed, kStart + 13s}), std::nullopt) << "it has ended";
}

TEST_P(JobStoreTest, an_extended_lease_lasts_longer_and_shows_its_progress) {
  push("j1");
  const Job job = *claim();
  EXPECT_EQ(jobs().extend(lease_of(job), kStart + 60s, {0.25, "reading"}).value(), LeaseState::held);
  EXPECT_EQ(claimed(kStart + 59s), "");
  EXPECT_EQ(find("j1").progress, 0.25);
  EXPECT_EQ(find("j1").note, "reading");
  EXPECT_EQ(claimed(kStart + 60s), "j1");
  EXPECT_EQ(find("j1").progress, 0) << "of the attempt before";
}

TEST_P(JobStoreTest, a_job_whose_workers_keep_ending_is_a_dead_letter_after_its_last_attempt) {
  push("j1");
  EXPECT_EQ(claimed(kStart), "j1");
  EXPECT_EQ(claimed(kStart + 10s), "j1");
  EXPECT_EQ(claimed(kStart + 20s), "");
  const Job dead = find("j1");
  EXPECT_EQ(dead.state, JobState::failed);
  EXPECT_EQ(dead.finished, kStart + 20s);
  EXPECT_EQ(dead.due, kForget);
  EXPECT_THAT(dead.error, HasSubstr("its worker ended"));
}

TEST_P(JobStoreTest, priority_goes_before_fairness_and_age) {
  push("old");
  push("urgent", "acme", 5);
  push("other", "bcme");
  push("more urgent", "acme", 6);
  EXPECT_EQ(claimed(), "more urgent");
  EXPECT_EQ(claimed(), "urgent");
  EXPECT_EQ(claimed(), "other") << "acme has two running";
  EXPECT_EQ(claimed(), "old");
}

TEST_P(JobStoreTest, the_customer_with_the_fewest_running_jobs_is_next_then_who_was_served_longest_ago) {
  for (const char* id : {"a1", "a2", "a3"}) push(id, "acme");
  for (const char* id : {"b1", "b2", "b3"}) push(id, "bcme");
  const Job a1 = *claim(kStart + 1s);
  EXPECT_EQ(a1.id, "a1") << "the oldest, as nobody was served";
  const Job b1 = *claim(kStart + 2s);
  EXPECT_EQ(b1.id, "b1") << "acme has one running";
  settle(b1, {JobState::done, kStart + 3s});
  const Job b2 = *claim(kStart + 4s);
  EXPECT_EQ(b2.id, "b2") << "acme still has one running, though it was served longer ago";
  settle(a1, {JobState::done, kStart + 5s});
  settle(b2, {JobState::done, kStart + 5s});
  const Job a2 = *claim(kStart + 6s);
  EXPECT_EQ(a2.id, "a2") << "acme was served longest ago";
  settle(a2, {JobState::done, kStart + 7s});
  EXPECT_EQ(claimed(kStart + 8s), "b3") << "bcme was, though acme's job is older";
}

TEST_P(JobStoreTest, kinds_that_a_worker_does_not_know_are_left_to_others) {
  Job unknown = job("j1");
  unknown.kind = "bill";
  ASSERT_TRUE(jobs().push(unknown, kLimits));
  EXPECT_EQ(claimed(), "");
  EXPECT_EQ(jobs().next_due({"collect", "watch"}).value(), std::nullopt);
  EXPECT_EQ(jobs().claim({"other", {"bill"}, kStart, kStart + 1s, kForget}).value()->id, "j1");
}

TEST_P(JobStoreTest, of_many_who_claim_at_once_each_gets_another_job_and_none_goes_empty) {
  constexpr int kWorkers = 4;
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) push(fmt::format("j{}", i), i % 3 == 0 ? "acme" : "bcme");
  std::mutex mutex;
  std::multiset<std::string> claimed_ids;
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] {
      for (int round = 0; round < kJobs / kWorkers; ++round) {
        const auto job = claim();
        ASSERT_TRUE(job) << "there were some left";
        const std::lock_guard lock(mutex);
        claimed_ids.insert(job->id);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(std::set(claimed_ids.begin(), claimed_ids.end()).size(), static_cast<std::size_t>(kJobs));
  EXPECT_FALSE(claim());
}

TEST_P(JobStoreTest, of_many_who_push_at_once_no_more_are_queued_than_may_be_and_a_key_once) {
  constexpr JobLimits kFew{1'000, 10};
  std::atomic<int> added = 0;
  std::atomic<int> added_of_key = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&, i] {
      Job with_key = job(fmt::format("k{}", i), "bcme");
      with_key.key = "file a";
      const auto first = jobs().push(with_key, kFew);
      ASSERT_TRUE(first) << first.error().message;
      if (first->added) ++added_of_key;
      for (int round = 0; round < 5; ++round) {
        const auto pushed = jobs().push(job(fmt::format("j{}-{}", i, round)), kFew);
        if (pushed) ++added;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(added, 10);
  EXPECT_EQ(added_of_key, 1);
}

}  // namespace
}  // namespace costagent
