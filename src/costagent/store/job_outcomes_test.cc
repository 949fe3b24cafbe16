// What every store of jobs promises of jobs that were claimed: how they end, and how they are found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "costagent/store/job_store_test.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;
using JobOutcomesTest = JobStoreTest;
using testing::ElementsAre;

INSTANTIATE_TEST_SUITE_P(Stores, JobOutcomesTest, every_store(), name_of_kind);

TEST_P(JobOutcomesTest, what_is_tried_again_is_not_claimed_before_it_is_due) {
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

TEST_P(JobOutcomesTest, an_attempt_that_does_not_count_leaves_their_number) {
  push("j1");
  const Job first = *claim();
  settle(first, {JobState::queued, kStart, kStart, {}, false});
  EXPECT_EQ(find("j1").attempts, 0);
  const Job second = *claim();
  EXPECT_EQ(second.attempts, 1);
  EXPECT_EQ(jobs().extend(lease_of(first), kStart + 60s, {}).value(), LeaseState::lost) << "its claim was the first";
}

TEST_P(JobOutcomesTest, what_is_done_has_its_result_and_no_error) {
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

TEST_P(JobOutcomesTest, a_queued_job_is_cancelled_at_once) {
  push("j1");
  const auto cancelled = jobs().cancel("j1", kStart + 1s, kForget).value();
  EXPECT_EQ(cancelled->state, JobState::cancelled);
  EXPECT_EQ(cancelled->finished, kStart + 1s);
  EXPECT_FALSE(cancelled->cancelling);
  EXPECT_EQ(claimed(), "");
  EXPECT_EQ(jobs().cancel("j1", kStart + 2s, kForget).value()->finished, kStart + 1s) << "once";
  EXPECT_EQ(jobs().cancel("none", kStart, kForget).value(), std::nullopt);
}

TEST_P(JobOutcomesTest, a_running_job_is_told_to_stop_and_is_cancelled_when_its_attempt_ends) {
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
  EXPECT_EQ(jobs().extend(lease_of(first), kStart + 5s, {0.5, "reading"}).value(), LeaseState::cancelled);
  EXPECT_EQ(find("j1").progress, 0) << "what is to stop gets no further";
  EXPECT_EQ(settle(first, {JobState::queued, kStart, kStart + 9s, {}, true, "", "cut short"}), JobState::cancelled);
  EXPECT_EQ(find("j1").due, kForget);
  EXPECT_FALSE(find("j1").cancelling);
  EXPECT_EQ(settle(second, {JobState::done, kStart, {}, {}, true, "{}"}), JobState::done) << "it was quicker";
  EXPECT_EQ(claimed(kStart + 10s), "") << "the third one's worker is gone, and nobody wants it any more";
  EXPECT_EQ(find("j3").state, JobState::cancelled);
}

TEST_P(JobOutcomesTest, what_has_ended_is_not_cancelled) {
  push("j1");
  settle(*claim(), {JobState::done, kStart, {}, {}, true, "{}"});
  const auto done = jobs().cancel("j1", kStart + 1s, kForget + 1s).value();
  EXPECT_EQ(done->state, JobState::done);
  EXPECT_EQ(done->finished, kStart);
  EXPECT_FALSE(done->cancelling);
}

TEST_P(JobOutcomesTest, a_dead_letter_is_queued_again_with_all_its_attempts) {
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

TEST_P(JobOutcomesTest, jobs_of_a_state_are_listed_newest_first_in_pages) {
  for (int i = 1; i <= 5; ++i) push("j" + std::to_string(i), i == 2 ? "bcme" : "acme");
  EXPECT_THAT(listed({JobState::queued, "", 2, 0}), ElementsAre("j5", "j4"));
  EXPECT_THAT(listed({JobState::queued, "", 2, 4}), ElementsAre("j1"));
  EXPECT_THAT(listed({JobState::queued, "acme", 2, 2}), ElementsAre("j3", "j1"));
  EXPECT_THAT(listed({JobState::failed}), ElementsAre());
}

TEST_P(JobOutcomesTest, counts_tell_what_waits_runs_and_is_dead) {
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

TEST_P(JobOutcomesTest, what_ended_is_forgotten_when_its_time_has_come_and_nothing_else_is) {
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

TEST_P(JobOutcomesTest, what_comes_from_files_is_kept_though_it_is_no_utf_8) {
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

}  // namespace
}  // namespace costagent
