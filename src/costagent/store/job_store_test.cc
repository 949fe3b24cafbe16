// What every store of jobs promises.
#include "costagent/domain/job_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "costagent/store/contract_test.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr JobTime kStart{std::chrono::hours(480'000)};
constexpr JobTime kForget = kStart + std::chrono::hours(1'000);
constexpr JobLimits kLimits{100, 50};

class JobStoreTest : public ContractTest {
 protected:
  JobStore& jobs() { return store_->jobs(); }

  static Job job(const std::string& id, const std::string& customer = "acme") {
    Job job;
    job.id = id;
    job.kind = "collect";
    job.customer = customer;
    job.payload = R"({"file":"a.csv"})";
    job.max_attempts = 2;
    job.created = kStart;
    job.due = kStart;
    return job;
  }
  void push(const std::string& id, const std::string& customer = "acme", int priority = 0) {
    Job pushed = job(id, customer);
    pushed.priority = priority;
    ASSERT_TRUE(jobs().push(pushed, kLimits));
  }

  std::optional<Job> claim(JobTime now = kStart) {
    return jobs().claim({"worker", {"collect", "watch"}, now, now + 10s, kForget}).value();
  }
  // The id of what is claimed, or "".
  std::string claimed(JobTime now = kStart) {
    const auto job = claim(now);
    return job ? job->id : "";
  }
  std::optional<JobState> settle(const Job& job, JobEnd end) {
    end.forget = kForget;
    return jobs().settle(lease_of(job), end).value();
  }
  Job find(const std::string& id) { return jobs().find(id).value().value(); }
  std::vector<std::string> listed(const JobQuery& query) {
    std::vector<std::string> ids;
    const auto found = jobs().list(query).value();
    for (const Job& job : found) ids.push_back(job.id);
    return ids;
  }
};

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

TEST_P(JobStoreTest, what_is_tried_again_is_not_claimed_before_it_is_due) {
  push("j1");
  EXPECT_EQ(jobs().next_due({"collect"}).value(), kStart);
  const Job job = *claim();
  EXPECT_EQ(jobs().next_due({"collect"}).value(), kStart + 10s) << "the end of the lease";
  EXPECT_EQ(settle(job, {JobState::queued, kStart, kStart + 5s, {}, true, "", "busy"}), JobState::queued);
  EXPECT_EQ(find("j1").error, "busy");
  EXPECT_EQ(find("j1").finished, JobTime());
  EXPECT_EQ(jobs().next_due({"collect"}).value(), kStart + 5s);
  EXPECT_EQ(claimed(kStart + 4s), "");
  EXPECT_EQ(claimed(kStart + 5s), "j1");
}

TEST_P(JobStoreTest, an_attempt_that_does_not_count_leaves_their_number) {
  push("j1");
  const Job first = *claim();
  settle(first, {JobState::queued, kStart, kStart, {}, false});
  EXPECT_EQ(find("j1").attempts, 0);
  const Job second = *claim();
  EXPECT_EQ(second.attempts, 1);
  EXPECT_EQ(jobs().extend(lease_of(first), kStart + 60s, {}).value(), LeaseState::lost) << "its claim was the first";
}

TEST_P(JobStoreTest, what_is_done_has_its_result_and_no_error) {
  push("j1");
  settle(*claim(), {JobState::queued, kStart, kStart, {}, true, "", "busy"});
  settle(*claim(), {JobState::done, kStart + 3s, {}, {}, true, R"({"a":1})"});
  const Job done = find("j1");
  EXPECT_EQ(done.state, JobState::done);
  EXPECT_EQ(done.result, R"({"a":1})");
  EXPECT_EQ(done.error, "");
  EXPECT_EQ(done.progress, 1);
  EXPECT_EQ(done.attempts, 2);
  EXPECT_EQ(done.finished, kStart + 3s);
  EXPECT_EQ(done.due, kForget);
}

TEST_P(JobStoreTest, a_queued_job_is_cancelled_at_once) {
  push("j1");
  const auto cancelled = jobs().cancel("j1", kStart + 1s, kForget).value();
  EXPECT_EQ(cancelled->state, JobState::cancelled);
  EXPECT_EQ(cancelled->finished, kStart + 1s);
  EXPECT_FALSE(cancelled->cancelling);
  EXPECT_EQ(claimed(), "");
  EXPECT_EQ(jobs().cancel("j1", kStart + 2s, kForget).value()->finished, kStart + 1s) << "once";
  EXPECT_EQ(jobs().cancel("none", kStart, kForget).value(), std::nullopt);
}

TEST_P(JobStoreTest, a_running_job_is_told_to_stop_and_is_cancelled_when_its_attempt_ends) {
  push("j1");
  push("j2");
  push("j3");
  const Job first = *claim();
  const Job second = *claim();
  const Job third = *claim();
  for (const char* id : {"j1", "j2", "j3"}) {
    const auto told = jobs().cancel(id, kStart, kForget).value();
    EXPECT_EQ(told->state, JobState::running);
    EXPECT_TRUE(told->cancelling);
  }
  EXPECT_EQ(jobs().extend(lease_of(first), kStart + 5s, {}).value(), LeaseState::cancelled);
  EXPECT_EQ(settle(first, {JobState::queued, kStart, kStart + 9s, {}, true, "", "cut short"}), JobState::cancelled);
  EXPECT_EQ(find("j1").due, kForget);
  EXPECT_FALSE(find("j1").cancelling);
  EXPECT_EQ(settle(second, {JobState::done, kStart, {}, {}, true, "{}"}), JobState::done) << "it was quicker";
  EXPECT_EQ(claimed(kStart + 10s), "") << "the third one's worker is gone, and nobody wants it any more";
  EXPECT_EQ(find("j3").state, JobState::cancelled);
}

TEST_P(JobStoreTest, what_has_ended_is_not_cancelled) {
  push("j1");
  settle(*claim(), {JobState::done, kStart, {}, {}, true, "{}"});
  const auto done = jobs().cancel("j1", kStart + 1s, kForget + 1s).value();
  EXPECT_EQ(done->state, JobState::done);
  EXPECT_EQ(done->finished, kStart);
  EXPECT_FALSE(done->cancelling);
}

TEST_P(JobStoreTest, a_dead_letter_is_queued_again_with_all_its_attempts) {
  push("j1");
  push("j2");
  settle(*claim(), {JobState::failed, kStart, {}, {}, true, "", "no bill"});
  const auto again = jobs().retry("j1", kStart + 7s, kLimits).value();
  EXPECT_EQ(again->state, JobState::queued);
  EXPECT_EQ(again->attempts, 0);
  EXPECT_EQ(again->error, "");
  EXPECT_EQ(again->due, kStart + 7s);
  EXPECT_EQ(again->finished, JobTime());
  EXPECT_EQ(jobs().retry("j2", kStart + 7s, kLimits).value()->due, kStart) << "it is queued already";
  EXPECT_EQ(jobs().retry("none", kStart, kLimits).value(), std::nullopt);
  EXPECT_EQ(claimed(kStart + 7s), "j1") << "it has kept its age";
}

TEST_P(JobStoreTest, jobs_of_a_state_are_listed_newest_first_in_pages) {
  for (int i = 1; i <= 5; ++i) push("j" + std::to_string(i), i == 2 ? "bcme" : "acme");
  EXPECT_THAT(listed({JobState::queued, "", 2, 0}), ElementsAre("j5", "j4"));
  EXPECT_THAT(listed({JobState::queued, "", 2, 4}), ElementsAre("j1"));
  EXPECT_THAT(listed({JobState::queued, "acme", 2, 2}), ElementsAre("j3", "j1"));
  EXPECT_THAT(listed({JobState::failed}), ElementsAre());
}

TEST_P(JobStoreTest, counts_tell_what_waits_runs_and_is_dead) {
  EXPECT_EQ(jobs().counts()->oldest, JobTime());
  Job old = job("j1");
  old.created = kStart - 30s;
  ASSERT_TRUE(jobs().push(old, kLimits));
  for (const char* id : {"j2", "j3", "j4"}) push(id);
  EXPECT_EQ(jobs().counts()->oldest, kStart - 30s);
  settle(*claim(), {JobState::failed, kStart});
  static_cast<void>(claim());
  const auto counts = jobs().counts().value();
  EXPECT_EQ(counts.queued, 2u);
  EXPECT_EQ(counts.running, 1u);
  EXPECT_EQ(counts.failed, 1u);
  EXPECT_EQ(counts.oldest, kStart);
}

TEST_P(JobStoreTest, what_ended_is_forgotten_when_its_time_has_come_and_nothing_else_is) {
  for (const char* id : {"j1", "j2", "j3", "j4"}) push(id);
  settle(*claim(), {JobState::done, kStart, {}, {}, true, "{}"});
  settle(*claim(), {JobState::failed, kStart});
  static_cast<void>(claim());
  EXPECT_EQ(jobs().forget(kForget - 1us, 10).value(), 0u);
  EXPECT_EQ(jobs().forget(kForget, 1).value(), 1u) << "no more at once than asked for";
  EXPECT_EQ(jobs().forget(kForget, 10).value(), 1u);
  EXPECT_EQ(find("j3").state, JobState::running);
  EXPECT_EQ(find("j4").state, JobState::queued);
}

TEST_P(JobStoreTest, what_comes_from_files_is_kept_though_it_is_no_utf_8) {
  Job odd = job("j1");
  odd.payload = "{\"file\":\"caf\xe9\"}";
  odd.key = std::string("a\0b", 3);
  ASSERT_TRUE(jobs().push(odd, kLimits));
  EXPECT_EQ(find("j1").payload, odd.payload);
  EXPECT_EQ(find("j1").key, odd.key);
  const Job running = *claim();
  EXPECT_EQ(jobs().extend(lease_of(running), kStart + 60s, {0.5, "caf\xe9"}).value(), LeaseState::held);
  EXPECT_EQ(find("j1").note, "caf\xe9");
  settle(running, {JobState::failed, kStart, {}, {}, true, "\xff", "\xfe"});
  EXPECT_EQ(find("j1").result, "\xff");
  EXPECT_EQ(find("j1").error, "\xfe");
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
