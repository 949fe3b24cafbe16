#include "loadlab/judge/silence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/judge/verdict.h"

namespace loadlab {
namespace {

using testing::HasSubstr;

// Eight users for 12 s, whose requests take `answer_ms` and are answered up to the second `until`.
TestResult answered_until(int until, double answer_ms = 5) {
  TestResult test;
  test.target = "http://127.0.0.1:8080";
  test.seconds = test.planned_seconds = 12;
  for (int i = 0; i < 12; ++i) {
    Second second;
    second.index = i;
    second.users = 8;
    second.requests = i < until ? 1000 : 0;
    second.response_max_ms = i < until ? answer_ms : kGap;
    test.series.push_back(second);
    test.total.requests += second.requests;
  }
  test.steps.resize(1);
  test.steps[0].tally.requests = test.total.requests;
  return test;
}

// Requests that nothing came back for; or, with `fault`, something.
void fail_at(TestResult& test, std::size_t second, std::uint64_t errors, Fault fault = Fault::cut_off) {
  test.series[second].requests += errors;
  test.series[second].errors += errors;
  if (!is_answer(fault)) test.series[second].unanswered += errors;
  test.total.requests += errors;
  test.steps[0].tally.requests += errors;
  test.steps[0].tally.faults[fault] += errors;
}

TEST(Silence, a_target_that_hangs_to_the_end_fails_though_few_requests_did) {
  TestResult test = answered_until(6);
  fail_at(test, 11, 8);
  const auto silence = silence_at_end(test);
  ASSERT_TRUE(silence);
  EXPECT_EQ(silence->from, 6);
  EXPECT_EQ(silence->seconds, 6);
  judge(loadlab::Test(), test);
  EXPECT_EQ(test.verdict, Verdict::fail);
  ASSERT_EQ(test.thresholds.size(), 1u);
  EXPECT_EQ(test.thresholds[0].expression, "silence at the end < 3s");
  EXPECT_EQ(test.thresholds[0].margin, -1);
  EXPECT_THAT(test.bottleneck.sentence, HasSubstr("no answer from second 6 on"));
}

TEST(Silence, refusals_are_no_answers) {
  TestResult test = answered_until(6);
  for (std::size_t i = 6; i < 12; ++i) fail_at(test, i, 80, Fault::connect_refused);
  EXPECT_TRUE(silence_at_end(test));
}

TEST(Silence, arrivals_that_are_refused_at_once_are_asked_of_it_though_nobody_is_at_work) {
  TestResult test = answered_until(6);
  for (std::size_t i = 6; i < 12; ++i) {
    test.series[i].users = 0;
    fail_at(test, i, 2, Fault::connect_refused);
  }
  EXPECT_TRUE(silence_at_end(test));
}

TEST(Silence, statuses_are_answers_and_long_polls_are_not_missed) {
  TestResult not_found = answered_until(6);
  for (std::size_t i = 6; i < 12; ++i) fail_at(not_found, i, 2, status_fault(404));
  EXPECT_FALSE(silence_at_end(not_found));
  TestResult broken = answered_until(6);
  for (std::size_t i = 6; i < 12; ++i) fail_at(broken, i, 2, status_fault(500));
  EXPECT_TRUE(silence_at_end(broken));
  TestResult polls = answered_until(6);
  fail_at(polls, 11, 8);
  polls.steps[0].tally.faults.clear();
  polls.steps.push_back(polls.steps[0]);
  polls.steps[1].tally.requests = 8;
  polls.steps[1].tally.faults[Fault::cut_off] = 8;
  EXPECT_FALSE(silence_at_end(polls)) << "it never answers that step within the test";
}

TEST(Silence, what_answers_slowly_pauses_or_is_not_asked_is_not_silent) {
  TestResult slow = answered_until(6, 700);
  fail_at(slow, 11, 8);
  EXPECT_FALSE(silence_at_end(slow)) << "ten times the longest answer is 7 s";
  TestResult paused = answered_until(10);
  fail_at(paused, 11, 8);
  EXPECT_FALSE(silence_at_end(paused));
  EXPECT_FALSE(silence_at_end(answered_until(6))) << "nobody waited for an answer in vain";
  TestResult left = answered_until(6);
  fail_at(left, 6, 1);
  for (std::size_t i = 7; i < 12; ++i) left.series[i].users = 0;
  EXPECT_FALSE(silence_at_end(left)) << "the load had ended";
  TestResult never = answered_until(0);
  fail_at(never, 3, 100);
  EXPECT_FALSE(silence_at_end(never)) << "thresholds on errors tell that";
}

}  // namespace
}  // namespace loadlab
