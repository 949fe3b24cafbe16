#include "loadlab/judge/benchmarks.h"

#include <gtest/gtest.h>

#include "loadlab/plan/benchmark_reader.h"

namespace loadlab {
namespace {

loadlab::Test plan_of(const std::string& expression) {
  loadlab::Test plan;
  plan.benchmark.emplace();
  plan.benchmark->thresholds.push_back(*read_benchmark_threshold(expression));
  return plan;
}

TestResult judged(const std::string& expression) {
  TestResult test;
  test.benchmarks = {{"BM_a", {{"cpu_time", "ms", {1, 2, 9}}, {"rows", "", {5, 5, 5}}}, ""}};
  judge_benchmark(plan_of(expression), test);
  return test;
}

TEST(JudgeBenchmark, a_bound_is_held_against_the_repetitions) {
  EXPECT_EQ(judged("median(cpu_time of BM_a) < 3ms").verdict, Verdict::pass);
  EXPECT_EQ(judged("max(cpu_time of BM_a) < 3ms").verdict, Verdict::fail);
  EXPECT_EQ(*judged("avg(cpu_time of BM_a) < 8ms").thresholds.at(0).observed, 4);
  EXPECT_EQ(*judged("avg(cpu_time of BM_a) < 8ms").thresholds.at(0).margin, 0.5);
  EXPECT_EQ(*judged("min(cpu_time of BM_a) > 2ms").thresholds.at(0).margin, -0.5);
  EXPECT_NEAR(*judged("cv(cpu_time of BM_a) < 5%").thresholds.at(0).observed, 108.97, 0.01);
  EXPECT_EQ(judged("cv(counter rows of BM_a) < 5%").verdict, Verdict::pass);
}

TEST(JudgeBenchmark, what_was_not_measured_does_not_pass) {
  EXPECT_EQ(judged("median(cpu_time of BM_b) < 3ms").verdict, Verdict::fail);
  EXPECT_EQ(judged("median(cpu_time of BM_b) < 3ms").thresholds.at(0).missing,
            "no benchmark of that name was run: BM_b");
  EXPECT_EQ(judged("median(bytes of BM_a) < 3").thresholds.at(0).missing, "BM_a counts no bytes");
}

TEST(JudgeBenchmark, what_was_skipped_does_not_pass_either) {
  TestResult test;
  test.benchmarks = {{"BM_a", {}, "", "there is no such disk"}};
  judge_benchmark(plan_of("median(cpu_time of BM_a) < 3ms"), test);
  EXPECT_EQ(test.verdict, Verdict::fail);
  EXPECT_EQ(test.thresholds.at(0).missing, "it was skipped: there is no such disk");
}

}  // namespace
}  // namespace loadlab
