#include "loadlab/report/conclusion.h"

#include <gtest/gtest.h>

#include "loadlab/report/sample_run.h"

namespace loadlab {
namespace {

TEST(Conclusion, tells_what_holds_by_what_margin_what_gives_and_what_to_change) {
  RunResult run = sample_run();
  const Conclusion conclusion = conclude(run);
  EXPECT_EQ(conclusion.holds, "3 of 5 tests passed, 4 of 8 thresholds hold, 1 of 3 verifications passed, memory leaks");
  EXPECT_EQ(
      conclusion.margin,
      "broken the most is that of p95(response_time) < 10ms in 'stress </script><b>, 500 users': 17.5 ms observed, "
      "over by 75.0 %");
  const Candidate& first = run.tests[1].bottleneck.candidates.at(0);
  EXPECT_EQ(conclusion.gives_first, first.cause + ": " + first.evidence);
  EXPECT_EQ(conclusion.change, first.advice);
  EXPECT_EQ(conclusion.warnings, "2 of the bars that only warn are missed");
}

TEST(Conclusion, a_bar_that_only_warns_is_not_the_least_margin) {
  RunResult run = sample_run();
  run.tests.resize(1);
  for (ThresholdOutcome& outcome : run.tests[0].thresholds) outcome.warn_only = outcome.expression == "avg(cpu) < 80%";
  EXPECT_NE(conclude(run).margin.find("the least is that of avg(response_time) < 2s in"), std::string::npos)
      << conclude(run).margin;
  run.tests[0].thresholds.clear();
  EXPECT_EQ(conclude(run).margin, "");
  EXPECT_EQ(conclude(run).holds, "no thresholds: nothing was asked of the target");
}

}  // namespace
}  // namespace loadlab
