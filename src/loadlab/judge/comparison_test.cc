#include "loadlab/judge/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "loadlab/judge/difference.h"
#include "loadlab/judge/simulated_run_test.h"

namespace loadlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A share of a simulation; more of it where COMPARISON_PAIRS says so (the test labelled long).
int pairs(int few) {
  const char* asked = std::getenv("COMPARISON_PAIRS");
  return asked != nullptr ? std::atoi(asked) : few;
}

TEST(Comparison, runs_that_do_not_differ_are_seldom_said_to) {
  base::Random random(1);
  const int count = pairs(40);
  ComparisonOptions options;
  options.resamples = 200;
  for (const double of_the_last : {0.0, 0.5}) {
    Service service;
    service.rate = 100;
    service.steps = 3;
    service.of_the_last = of_the_last;
    int said = 0;
    for (int i = 0; i < count; ++i) {
      const auto comparison = compare(run(service, random), std::vector{run(service, random)}, options);
      said += comparison.any(Change::worse) || comparison.any(Change::better) ? 1 : 0;
    }
    RecordProperty("said_of_" + std::to_string(count), said);
    std::printf("%d of %d pairs without a difference were told apart (each second %.1f of the last)\n", said, count,
                of_the_last);
    // 5 % are allowed; of 40 more than 6 come in one of three hundred such simulations.
    EXPECT_LE(said, count >= 1000 ? count / 20 : 6) << of_the_last;
  }
}

TEST(Comparison, five_percent_of_a_minute_are_found) {
  base::Random random(2);
  const int count = pairs(20);
  ComparisonOptions options;
  options.resamples = 200;
  Service service;
  service.rate = 100;
  service.steps = 3;
  Service slower = service;
  slower.response_ms *= 1.05;
  slower.rate /= 1.05;
  int found = 0;
  for (int i = 0; i < count; ++i) {
    const auto comparison = compare(run(slower, random), std::vector{run(service, random)}, options);
    found += of(comparison, "avg_response_time_ms").change == Change::worse ||
                     of(comparison, "requests_per_second").change == Change::worse
                 ? 1
                 : 0;
    EXPECT_FALSE(of(comparison, "avg_response_time_ms").change == Change::better);
  }
  std::printf("5 %% more were found in %d of %d pairs\n", found, count);
  EXPECT_GT(found, count >= 1000 ? count * 8 / 10 : count * 6 / 10) << "of twenty, chance takes a few more";
}

TEST(Comparison, tells_what_is_better_worse_and_the_same) {
  base::Random random(3);
  Service service;
  service.noise = 0.01;
  Service changed = service;
  changed.response_ms = 30;
  changed.cpu = 20;
  const auto comparison = compare(run(changed, random), std::vector{run(service, random)});
  EXPECT_EQ(of(comparison, "p95_response_time_ms").change, Change::worse);
  EXPECT_EQ(of(comparison, "cpu_ms_per_request").change, Change::better);
  EXPECT_EQ(of(comparison, "requests_per_second").change, Change::same);
  EXPECT_EQ(of(comparison, "avg_memory_mb").change, Change::same);
  const auto& response = of(comparison, "avg_response_time_ms");
  EXPECT_NEAR(response.percent(response.difference()), 50, 3);
  EXPECT_LT(response.low, response.difference());
  EXPECT_GT(response.high, response.difference());
  EXPECT_NEAR(of(comparison, "cpu_ms_per_request").before, 2 * 400.0 / 200, 0.1) << "40 % of two cores, 200 a second";
  EXPECT_THAT(comparison.notes, ElementsAre(HasSubstr("not known from one")));

  const auto back = compare(run(service, random), std::vector{run(changed, random)});
  EXPECT_EQ(of(back, "p95_response_time_ms").change, Change::better);
}

TEST(Comparison, ends_when_it_is_stopped) {
  base::Random random(21);
  const RunRecord now = run({}, random);
  const std::atomic<bool> stop = true;
  ComparisonOptions options;
  options.stop = &stop;
  EXPECT_TRUE(compare(now, std::vector{run({}, random)}, options).figures.empty());
  const auto seconds = measured_seconds(now.tests[0], 2).value();
  EXPECT_FALSE(resample(seconds, 10, random, &stop)) << "within a test, too";
  EXPECT_TRUE(resample(seconds, 10, random));
}

TEST(Comparison, more_answers_a_second_are_better) {
  base::Random random(4);
  Service service;
  Service faster = service;
  faster.rate = 300;
  EXPECT_EQ(of(compare(run(faster, random), std::vector{run(service, random)}), "requests_per_second").change,
            Change::better);
}

TEST(Comparison, scatter_leaves_a_small_difference_unclear_and_says_what_could_be_seen) {
  base::Random random(5);
  Service service;
  service.noise = 0.4;
  service.of_the_last = 0.7;
  Service slower = service;
  slower.response_ms *= 1.03;
  const auto comparison = compare(run(slower, random, 30), std::vector{run(service, random, 30)});
  const auto& response = of(comparison, "avg_response_time_ms");
  EXPECT_EQ(response.change, Change::unclear);
  EXPECT_GT(response.percent(response.detectable), 10);
}

TEST(Comparison, runs_that_differ_from_day_to_day_are_allowed_to) {
  base::Random random(6);
  Service service;
  service.noise = 0.02;
  service.day = 0.08;
  ComparisonOptions options;
  options.resamples = 200;
  int said = 0;
  const int count = 20;
  for (int i = 0; i < count; ++i) {
    std::vector<RunRecord> earlier;
    for (int j = 0; j < 5; ++j) earlier.push_back(run(service, random, 30, j + 1));
    const auto comparison = compare(run(service, random, 30, 9), earlier, options);
    said += comparison.any(Change::worse) || comparison.any(Change::better) ? 1 : 0;
  }
  EXPECT_LE(said, 4) << "against a single run nearly all would be said to differ";
}

TEST(Comparison, what_can_not_be_compared_is_left_out_and_told) {
  base::Random random(7);
  const Service service;
  RunRecord before = run(service, random, 20, 1);
  RunRecord now = run(service, random, 20, 2);
  now.tests[0].verdict = Verdict::untrusted;
  EXPECT_THAT(compare(now, std::vector{before}).figures, IsEmpty());
  EXPECT_THAT(compare(now, std::vector{before}).notes,
              ElementsAre(HasSubstr("'normal' of run 2 is left out: it is untrusted")));
  now = run(service, random, 20, 2);
  before.tests[0].ended = false;
  EXPECT_THAT(compare(now, std::vector{before}).notes,
              ElementsAre(HasSubstr("run 1 is left out: it was not carried out")));
  before = run(service, random, 5, 1);
  EXPECT_THAT(compare(now, std::vector{before}).notes, ElementsAre(HasSubstr("measured 5 whole seconds")));
  before.tests[0].name = "other";
  EXPECT_THAT(compare(now, std::vector{before}).notes,
              ElementsAre(HasSubstr("'normal' is new"), HasSubstr("'other' of run 1 was not played in run 2")));
  before = run(service, random, 20, 1);
  before.machine.cores = 64;
  before.plan = "another";
  EXPECT_THAT(compare(now, std::vector{before}).notes,
              ElementsAre(HasSubstr("another machine"), HasSubstr("another plan"), HasSubstr("not known from one")));
}

TEST(Comparison, the_warm_up_and_the_last_second_are_no_part_of_it) {
  base::Random random(8);
  const Service service;
  RunRecord before = run(service, random, 30, 1);
  RunRecord now = before;
  Service slow;
  slow.response_ms = 900;
  now.tests[0].warm_up_seconds = before.tests[0].warm_up_seconds = 5;
  for (int second = 0; second < 5; ++second)
    now.tests[0].blocks[static_cast<std::size_t>(second)].response = play(slow, 1, random).blocks[0].response;
  now.tests[0].blocks.back().response = play(slow, 1, random).blocks[0].response;
  const auto comparison = compare(now, std::vector{before});
  EXPECT_EQ(of(comparison, "avg_response_time_ms").difference(), 0);
}

// A run of one benchmark, whose repetitions scatter by so much around the time.
RunRecord benchmark_run(double milliseconds, double noise, base::Random& random, int repetitions = 9) {
  TestResult test;
  test.kind = TestKind::benchmark;
  test.benchmarks = {{"BM_a", {{"cpu_time", "ms", {}}, {"items_per_second", "/s", {}}}, ""}};
  for (int i = 0; i < repetitions; ++i) {
    const double time = milliseconds * (1 + noise * random.normal());
    test.benchmarks[0].figures[0].values.push_back(time);
    test.benchmarks[0].figures[1].values.push_back(1000 / time);
  }
  RunRecord record;
  record.state = RunState::ended;
  record.tests.emplace_back();
  record.tests[0].name = "parts";
  record.tests[0].verdict = Verdict::pass;
  record.tests[0].ended = true;
  record.tests[0].figures = figures_of(test);
  return record;
}

TEST(Comparison, repetitions_of_a_benchmark_tell_better_from_worse) {
  base::Random random(3);
  const std::vector<RunRecord> before = {benchmark_run(2, 0.01, random)};
  const RunComparison slower = compare(benchmark_run(2.2, 0.01, random), before);
  EXPECT_EQ(of(slower, "BM_a: cpu_time_ms").change, Change::worse);
  EXPECT_EQ(of(slower, "BM_a: items_per_second").change, Change::worse);
  EXPECT_NEAR(of(slower, "BM_a: cpu_time_ms").percent(of(slower, "BM_a: cpu_time_ms").difference()), 10, 2);
  EXPECT_EQ(of(compare(benchmark_run(1.8, 0.01, random), before), "BM_a: cpu_time_ms").change, Change::better);
  EXPECT_EQ(of(compare(benchmark_run(2.02, 0.2, random), before), "BM_a: cpu_time_ms").change, Change::unclear);
}

TEST(Comparison, equal_benchmarks_are_seldom_told_apart) {
  base::Random random(4);
  int apart = 0;
  const int count = 200;
  ComparisonOptions options;
  options.resamples = 200;
  for (int i = 0; i < count; ++i) {
    const std::vector<RunRecord> before = {benchmark_run(2, 0.05, random, 5), benchmark_run(2, 0.05, random, 5)};
    const RunComparison found = compare(benchmark_run(2, 0.05, random, 5), before, options);
    apart += found.any(Change::worse) || found.any(Change::better);
  }
  EXPECT_LE(apart, count / 14) << "about one in twenty";
}

TEST(Comparison, too_few_repetitions_say_nothing) {
  base::Random random(5);
  const std::vector<RunRecord> before = {benchmark_run(2, 0.01, random, 2)};
  const RunComparison found = compare(benchmark_run(3, 0.01, random, 2), before);
  EXPECT_THAT(found.figures, IsEmpty());
  EXPECT_THAT(found.notes, testing::Contains(HasSubstr("fewer than 3 repetitions")));
}

}  // namespace
}  // namespace loadlab
