#include "loadlab/cli/step_seconds.h"

#include <gtest/gtest.h>

#include "stats/histogram_log.h"

namespace loadlab {
namespace {

std::vector<StepTally> steps(const std::vector<std::string>& names) {
  std::vector<StepTally> all;
  for (const std::string& name : names) all.push_back({name, Tally()});
  return all;
}

void answer(Tally& tally, std::uint64_t count, std::uint64_t milliseconds, std::uint64_t failed = 0) {
  tally.requests += count;
  tally.failed += failed;
  tally.timings.response.record(milliseconds * 1'000'000, count);
}

TEST(StepSeconds, tell_what_has_come_since_the_last) {
  std::vector<StepTally> so_far = steps({"GET /", "buy", "rest"});
  StepSeconds seconds;
  EXPECT_TRUE(seconds.next(so_far).empty());
  answer(so_far[0].tally, 5, 2);
  answer(so_far[1].tally, 3, 9, 1);
  ASSERT_EQ(seconds.next(so_far).size(), 2u);
  answer(so_far[1].tally, 4, 50, 2);
  answer(so_far[1].tally, 1, 9);
  const auto second = seconds.next(so_far);
  ASSERT_EQ(second.size(), 1u) << "nothing has come of the others";
  EXPECT_EQ(second[0].name, "buy");
  EXPECT_EQ(second[0].requests, 5u);
  EXPECT_EQ(second[0].errors, 2u);
  const auto times = stats::decode_histogram(second[0].response).value();
  EXPECT_EQ(times.count(), 5u);
  EXPECT_NEAR(static_cast<double>(times.percentile(100)), 50e6, 1e5);
  EXPECT_NEAR(static_cast<double>(times.percentile(20)), 9e6, 1e4);
  seconds.clear();
  EXPECT_EQ(seconds.next(so_far).at(1).requests, 8u) << "of a test that is played again";
}

TEST(StepSeconds, a_single_step_is_not_told_apart_and_of_many_only_the_first) {
  StepSeconds seconds;
  std::vector<StepTally> one = steps({"GET /"});
  answer(one[0].tally, 5, 2);
  EXPECT_TRUE(seconds.next(one).empty());
  std::vector<StepTally> many = steps(std::vector<std::string>(StepSeconds::kMostSteps + 5, "step"));
  for (StepTally& step : many) answer(step.tally, 1, 2);
  EXPECT_EQ(seconds.next(many).size(), StepSeconds::kMostSteps);
}

}  // namespace
}  // namespace loadlab
