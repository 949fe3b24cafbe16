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
  return test;
}

void fail_at(TestResult& test, std::size_t second, std::uint64_t errors) {
  test.series[second].requests += errors;
  test.series[second].errors += errors;
  test.total.requests += errors;
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
  EXPECT_THAT(test.bottleneck.sentence, HasSubstr("no good answer from second 6 on"));
}

TEST(Silence, errors_are_no_answers) {
  TestResult test = answered_until(6);
  for (std::size_t i = 6; i < 12; ++i) fail_at(test, i, 80);
  EXPECT_TRUE(silence_at_end(test));
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
  fail_at(left, 11, 1);
  for (std::size_t i = 7; i < 12; ++i) left.series[i].users = 0;
  EXPECT_FALSE(silence_at_end(left)) << "the load had ended";
  TestResult never = answered_until(0);
  fail_at(never, 3, 100);
  EXPECT_FALSE(silence_at_end(never)) << "thresholds on errors tell that";
}

}  // namespace
}  // namespace loadlab
