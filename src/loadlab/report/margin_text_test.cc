#include "loadlab/report/margin_text.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

// Of what must be under a bound, and of what must be over it.
std::string under(double bound, double observed) {
  ThresholdOutcome outcome;
  outcome.bound = bound;
  outcome.observed = observed;
  outcome.margin = (bound - observed) / bound;
  outcome.passed = observed < bound;
  return margin_text(outcome);
}

std::string over(double bound, double observed) {
  ThresholdOutcome outcome;
  outcome.bound = bound;
  outcome.observed = observed;
  outcome.margin = (observed - bound) / bound;
  outcome.passed = observed > bound;
  return margin_text(outcome);
}

TEST(MarginText, what_holds_has_something_to_spare) {
  EXPECT_EQ(under(100, 75), "25.0 % to spare");
  EXPECT_EQ(over(100, 125), "25.0 % to spare");
  EXPECT_EQ(over(100, 1100), "1000 % to spare");
  EXPECT_EQ(under(10'000, 4.6), ">99.9 % to spare");
  EXPECT_EQ(under(1, 0), "100 % to spare");
}

TEST(MarginText, what_is_far_over_is_so_many_times_the_limit) {
  EXPECT_EQ(under(10, 17.5), "over by 75.0 %");
  EXPECT_EQ(under(10, 19.9), "over by 99.0 %");
  EXPECT_EQ(under(10, 19.96), "2 times the limit");
  EXPECT_EQ(under(10, 25), "2.5 times the limit");
  EXPECT_EQ(under(10, 500), "50 times the limit");
  EXPECT_EQ(under(0.001, 2345.6), "2,350,000 times the limit");
}

TEST(MarginText, what_was_not_reached_is_short_and_not_over) {
  EXPECT_EQ(over(100, 60), "short by 40.0 %");
  EXPECT_EQ(over(100, 0), "short by 100 %");
  EXPECT_EQ(under(10, 10), "at the limit itself");
}

}  // namespace
}  // namespace loadlab
