#include <gmock/gmock.h>

#include "loadlab/judge/simulated_run_test.h"

namespace loadlab {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A sweep with one point, whose error rate was so much in each repetition.
RunRecord sweep_run(const std::vector<double>& error_rates, std::int64_t id = 1) {
  TestResult test;
  test.kind = TestKind::sweep;
  test.sweep.emplace();
  test.sweep->points = {{"w=1", {{"w", "1"}}, 3, {{"error_rate_percent", "%", error_rates}}}};
  RunRecord record;
  record.id = id;
  record.state = RunState::ended;
  record.tests.emplace_back();
  record.tests[0].name = "workers";
  record.tests[0].verdict = Verdict::pass;
  record.tests[0].ended = true;
  record.tests[0].figures = figures_of(test);
  return record;
}

TEST(Comparison, repetitions_that_do_not_scatter_differ_surely) {
  const auto failing = compare(sweep_run({100, 100, 100}, 2), std::vector{sweep_run({0, 0, 0})});
  const auto& rate = of(failing, "w=1: error_rate_percent");
  EXPECT_EQ(rate.change, Change::worse);
  EXPECT_EQ(rate.low, 100);
  EXPECT_EQ(rate.high, 100);
  const auto alike = compare(sweep_run({0, 0, 0}, 2), std::vector{sweep_run({0, 0, 0})});
  EXPECT_EQ(of(alike, "w=1: error_rate_percent").change, Change::same);
  const std::vector several = {sweep_run({0, 0, 0}, 1), sweep_run({0, 0, 0}, 2)};
  EXPECT_EQ(of(compare(sweep_run({100, 100, 100}, 3), several), "w=1: error_rate_percent").change, Change::worse);
}

TEST(Comparison, a_sweep_of_too_few_repetitions_is_told_as_such) {
  const auto once = compare(sweep_run({0}, 2), std::vector{sweep_run({0})});
  EXPECT_TRUE(once.figures.empty());
  EXPECT_THAT(once.notes, Contains(HasSubstr("'workers' of run 2 has figures of fewer than 3 repetitions")));
  const auto before = compare(sweep_run({0, 0, 0}, 2), std::vector{sweep_run({0, 0}, 1)});
  EXPECT_THAT(before.notes, Contains(HasSubstr("'workers' of run 1 has figures of fewer than 3 repetitions")));
}

TEST(Comparison, a_second_without_a_reading_takes_away_that_second_alone) {
  base::Random random(1);
  const Service service;
  RunRecord before = run(service, random, 30, 1);
  RunRecord now = run(service, random, 30, 2);
  now.tests[0].blocks[7].cpu.reset();
  now.tests[0].blocks[9].memory.reset();
  const auto comparison = compare(now, std::vector{before});
  EXPECT_EQ(of(comparison, "avg_memory_mb").now, 100);
  EXPECT_NEAR(of(comparison, "cpu_ms_per_request").now, 2 * 400.0 / 200, 0.1) << "of the requests of those seconds";
  EXPECT_THAT(comparison.notes, ElementsAre(HasSubstr("not known from one")));
}

TEST(Comparison, readings_that_are_too_few_are_told) {
  base::Random random(2);
  const Service service;
  RunRecord before = run(service, random, 30, 1);
  RunRecord now = run(service, random, 30, 2);
  for (std::size_t second = 0; second < 20; ++second) now.tests[0].blocks[second].cpu.reset();
  for (Block& block : before.tests[0].blocks) block.memory.reset();
  const auto comparison = compare(now, std::vector{before});
  EXPECT_FALSE(has(comparison, "cpu_ms_per_request"));
  EXPECT_FALSE(has(comparison, "avg_memory_mb"));
  EXPECT_THAT(comparison.notes,
              Contains(HasSubstr("'normal' of run 2: the target's CPU was read in 10 of 30 seconds")));
  EXPECT_THAT(comparison.notes, Contains(HasSubstr("avg_memory_mb was not observed in all of the runs")));
  for (Block& block : now.tests[0].blocks) block.memory.reset();
  EXPECT_THAT(compare(now, std::vector{before}).notes, Each(Not(HasSubstr("avg_memory_mb")))) << "nobody watched it";
}

TEST(Comparison, arrivals_that_are_dropped_are_worse) {
  base::Random random(3);
  const Service service;
  const RunRecord before = run(service, random, 30, 1);
  RunRecord now = run(service, random, 30, 2);
  EXPECT_FALSE(has(compare(now, std::vector{before}), "dropped_iterations_per_second")) << "there are none";
  for (Block& block : now.tests[0].blocks) block.dropped = 40 + random.below(20);
  const auto comparison = compare(now, std::vector{before});
  EXPECT_EQ(of(comparison, "dropped_iterations_per_second").change, Change::worse);
  EXPECT_NEAR(of(comparison, "dropped_iterations_per_second").now, 50, 5);
  EXPECT_EQ(of(compare(before, std::vector{now}), "dropped_iterations_per_second").change, Change::better);
}

TEST(Comparison, a_step_that_is_worse_is_found_among_many_that_are_not) {
  base::Random random(4);
  Service service;
  service.steps = 20;
  service.rate = 400;
  service.error_rate = 0;
  Service worse = service;
  worse.last_step_slower = 1.6;
  worse.last_step_error_rate = 0.1;
  const auto comparison = compare(run(worse, random, 60, 2), std::vector{run(service, random, 60, 1)});
  EXPECT_EQ(of(comparison, "step 20: p95_response_time_ms").change, Change::worse);
  EXPECT_EQ(of(comparison, "step 20: error_rate_percent").change, Change::worse);
  EXPECT_NE(of(comparison, "step 1: p95_response_time_ms").change, Change::worse);
  EXPECT_FALSE(has(comparison, "step 1: error_rate_percent")) << "it had none";
}

TEST(Comparison, steps_of_few_answers_or_unknown_seconds_are_left_out) {
  base::Random random(5);
  Service service;
  service.steps = 2;
  service.rate = 10;
  const RunRecord now = run(service, random, 20, 2);
  EXPECT_FALSE(has(compare(now, std::vector{run(service, random, 20, 1)}), "step 1: p95_response_time_ms"));
  service.steps = 0;
  EXPECT_THAT(compare(now, std::vector{run(service, random, 20, 1)}).notes,
              Contains(HasSubstr("the steps of 'normal' are not compared")));
}

TEST(Comparison, the_highest_memory_is_compared_with_three_runs_or_more) {
  base::Random random(6);
  const Service service;
  std::vector<RunRecord> earlier;
  for (const double peak : {120.0, 121.0, 119.0, 120.5}) {
    earlier.push_back(run(service, random, 20, static_cast<std::int64_t>(earlier.size()) + 1));
    earlier.back().tests[0].figures.push_back({"", "peak_memory_mb", peak});
  }
  RunRecord now = run(service, random, 20, 9);
  now.tests[0].figures.push_back({"", "peak_memory_mb", 190});
  EXPECT_EQ(of(compare(now, earlier), "peak_memory_mb").change, Change::worse);
  EXPECT_EQ(of(compare(now, earlier), "peak_memory_mb").before, 120.125);
  earlier.resize(2);
  EXPECT_FALSE(has(compare(now, earlier), "peak_memory_mb")) << "nobody knows what two would have been";
}

TEST(Comparison, another_load_is_told) {
  base::Random random(7);
  const Service service;
  RunRecord before = run(service, random, 20, 1);
  RunRecord now = run(service, random, 20, 2);
  before.tests[0].load = "1 user for 20 s";
  now.tests[0].load = "2 users for 20 s";
  const auto comparison = compare(now, std::vector{before});
  EXPECT_TRUE(has(comparison, "requests_per_second")) << "whoever names it wants it";
  EXPECT_THAT(comparison.notes, Contains("'normal' of run 1 was another load: it had 1 user for 20 s, and run 2 has 2 "
                                         "users for 20 s"));
}

TEST(Comparison, what_was_not_played_is_told) {
  base::Random random(8);
  const Service service;
  RunRecord before = run(service, random, 20, 1);
  before.tests.push_back(before.tests[0]);
  before.tests[1].name = "peak";
  const RunRecord now = run(service, random, 20, 2);
  EXPECT_THAT(compare(now, std::vector{before}).notes, Contains("'peak' of run 1 was not played in run 2"));
  Baseline baseline;
  baseline.passed_over = {{"normal", "'normal' of run 1 is passed over: it …"}};
  EXPECT_THAT(compare(now, baseline).notes, ElementsAre(HasSubstr("passed over"))) << "it is not new";
}

}  // namespace
}  // namespace loadlab
