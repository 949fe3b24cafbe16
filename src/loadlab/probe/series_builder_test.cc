#include "loadlab/probe/series_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using base::Nanoseconds;
using ::testing::ElementsAre;
using ::testing::IsNan;

constexpr Nanoseconds kStart = 1000s;

SeriesBuilder builder_of(Nanoseconds warm_up = 0s) {
  SeriesBuilder builder("process", "shop (pid 1)", 1s);
  builder.begin_test(kStart, warm_up);
  return builder;
}

Reading reading(double cpu_counter, double memory) {
  Reading made("process");
  made.set("cpu", cpu_counter);
  made.set("memory", memory);
  return made;
}

ProbeSeries whole(const SeriesBuilder& builder) { return builder.series(SeriesBuilder::Detail::samples).at(0); }

TEST(SeriesBuilder, counters_become_rates_and_levels_stay) {
  SeriesBuilder builder = builder_of();
  builder.add(kStart, reading(100, 50));
  builder.add(kStart + 1s, reading(130, 60));
  builder.add(kStart + 3s, reading(150, 40));
  const ProbeSeries series = whole(builder);
  EXPECT_THAT(series.at, ElementsAre(0, 1, 3));
  EXPECT_THAT(series.find("cpu")->values, ElementsAre(IsNan(), 30, 10));
  EXPECT_THAT(series.find("memory")->values, ElementsAre(50, 60, 40));
  EXPECT_EQ(series.find("cpu")->unit, "%");
  const MetricSummary& cpu = series.find("cpu")->summary;
  EXPECT_EQ(cpu.samples, 2u);
  EXPECT_EQ(cpu.increase, 50);
  EXPECT_DOUBLE_EQ(cpu.average, 50.0 / 3) << "by time, not by sample";
  EXPECT_EQ(cpu.highest, 30);
  EXPECT_EQ(cpu.lowest, 10);
  const MetricSummary& memory = series.find("memory")->summary;
  EXPECT_EQ(memory.average, 50);
  EXPECT_EQ(memory.first, 50);
  EXPECT_EQ(memory.last, 40);
  EXPECT_EQ(memory.increase, -10);
}

TEST(SeriesBuilder, no_share_of_time_is_more_than_all_of_it) {
  constexpr const char* kShares[] = {"cpu", "cpu_steal", "busiest_core", "pressure_io", "disk_busy"};
  SeriesBuilder builder("machine", "here", 1s);
  builder.begin_test(kStart, 0s);
  for (const double counter : {0.0, 100.0}) {
    Reading made("machine");
    for (const char* share : kShares) made.set(share, counter);
    builder.add(kStart + (counter > 0 ? 750ms : 0ms), made);  // a reading that was told late before, or early now
  }
  const ProbeSeries series = whole(builder);
  for (const char* share : kShares) {
    EXPECT_THAT(series.find(share)->values, ElementsAre(IsNan(), 100)) << share;
    EXPECT_EQ(series.find(share)->summary.highest, 100) << share;
  }
}

TEST(SeriesBuilder, a_gap_is_a_gap_with_its_reason_and_never_zero) {
  SeriesBuilder builder = builder_of();
  builder.add(kStart, reading(0, 50));
  builder.add(kStart + 1s, reading(10, 50));
  builder.miss(kStart + 2s, "refused");
  builder.miss(kStart + 3s, "refused");
  builder.add(kStart + 4s, reading(40, 50));
  const ProbeSeries series = whole(builder);
  EXPECT_THAT(series.find("memory")->values, ElementsAre(50, 50, IsNan(), IsNan(), 50));
  EXPECT_THAT(series.find("cpu")->values, ElementsAre(IsNan(), 10, IsNan(), IsNan(), 10));
  ASSERT_EQ(series.gaps.size(), 1u);
  EXPECT_EQ(series.gaps[0].reason, "refused");
  EXPECT_EQ(series.gaps[0].from_seconds, 1);
  EXPECT_EQ(series.gaps[0].to_seconds, 4);
  EXPECT_EQ(series.find("memory")->summary.samples, 3u);
  EXPECT_EQ(series.find("cpu")->summary.increase, 40) << "the counter went on counting";
}

TEST(SeriesBuilder, a_counter_that_was_reset_is_a_gap_once) {
  SeriesBuilder builder = builder_of();
  builder.add(kStart, reading(100, 1));
  builder.add(kStart + 1s, reading(5, 1));
  builder.add(kStart + 2s, reading(7, 1));
  EXPECT_THAT(whole(builder).find("cpu")->values, ElementsAre(IsNan(), IsNan(), 2));
}

TEST(SeriesBuilder, a_metric_that_is_read_seldom_has_gaps_between) {
  SeriesBuilder builder = builder_of();
  builder.add(kStart, reading(0, 1));
  Reading with_pss = reading(1, 1);
  with_pss.set("pss", 9);
  builder.add(kStart + 1s, std::move(with_pss));
  builder.add(kStart + 2s, reading(2, 1));
  EXPECT_THAT(whole(builder).find("pss")->values, ElementsAre(IsNan(), 9, IsNan()));
}

TEST(SeriesBuilder, the_warm_up_is_shown_and_not_summed_up) {
  SeriesBuilder builder = builder_of(2s);
  builder.add(kStart, reading(0, 900));
  builder.add(kStart + 1s, reading(90, 900));
  builder.add(kStart + 2s, reading(100, 10));
  builder.add(kStart + 3s, reading(104, 30));
  const ProbeSeries series = whole(builder);
  EXPECT_EQ(series.at.size(), 4u);
  EXPECT_EQ(series.find("memory")->summary.highest, 30);
  EXPECT_EQ(series.find("cpu")->summary.increase, 4);
  EXPECT_EQ(series.find("cpu")->summary.highest, 4);
}

TEST(SeriesBuilder, what_was_read_before_the_start_is_only_counted_from) {
  SeriesBuilder builder("process", "shop (pid 1)", 1s);
  builder.add(kStart - 20s, reading(0, 1));
  builder.add(kStart - 500ms, reading(100, 2));
  builder.add(kStart + 500ms, reading(110, 3));
  EXPECT_TRUE(whole(builder).at.empty()) << "nobody has said when the test began";
  builder.begin_test(kStart, 0s);
  builder.add(kStart + 1500ms, reading(130, 4));
  const ProbeSeries series = whole(builder);
  EXPECT_THAT(series.at, ElementsAre(-0.5, 0.5, 1.5));
  EXPECT_THAT(series.find("cpu")->values, ElementsAre(IsNan(), 10, 20));
  EXPECT_EQ(series.find("memory")->summary.first, 3);
}

TEST(SeriesBuilder, what_comes_after_the_load_adds_to_counters_and_is_neither_level_nor_peak) {
  SeriesBuilder builder = builder_of();
  builder.add(kStart, reading(0, 50));
  builder.add(kStart + 1s, reading(10, 60));
  builder.add(kStart + 1200ms, reading(20, 5), true);
  const ProbeSeries series = whole(builder);
  EXPECT_EQ(series.find("cpu")->summary.increase, 20);
  EXPECT_EQ(series.find("cpu")->summary.highest, 10) << "50 % of a fifth of a second";
  EXPECT_THAT(series.find("cpu")->values, ElementsAre(IsNan(), 10)) << "a fifth of a second is no sample";
  EXPECT_EQ(series.find("memory")->summary.last, 60);
  EXPECT_THAT(series.find("memory")->values, ElementsAre(50, 60));
  SeriesBuilder only = builder_of();
  only.add(kStart + 200ms, reading(20, 5), true);
  EXPECT_EQ(whole(only).find("memory")->summary.last, 5) << "there is nothing better";
}

TEST(SeriesBuilder, what_is_wanted_finds_a_place_however_many_there_are) {
  SeriesBuilder builder("prometheus", "shop", 1s, {"zz_p95"});
  builder.begin_test(kStart, 0s);
  Reading many("prometheus");
  for (std::size_t i = 0; i < SeriesBuilder::kMostMetrics; ++i)
    many.set_other(fmt::format("m{}", i), MetricKind::gauge, 1);
  builder.add(kStart, std::move(many));
  Reading late("prometheus");
  late.set_other("other", MetricKind::gauge, 2);
  late.set_other("zz_p95", MetricKind::gauge, 3);
  builder.add(kStart + 1s, std::move(late));
  EXPECT_EQ(whole(builder).find("other"), nullptr);
  const ProbeSeries series = whole(builder);
  ASSERT_NE(series.find("zz_p95"), nullptr);
  EXPECT_EQ(series.find("zz_p95")->summary.last, 3);
}

TEST(SeriesBuilder, no_more_than_all_of_the_time_is_used) {
  SeriesBuilder builder = builder_of();
  builder.add(kStart, reading(0, 1));
  builder.add(kStart + 1s, reading(103, 1));
  EXPECT_EQ(whole(builder).find("cpu")->summary.highest, 100);
  EXPECT_EQ(whole(builder).find("cpu")->summary.average, 100);
}

TEST(SeriesBuilder, a_level_that_was_read_just_before_the_load_and_not_since_stands) {
  SeriesBuilder builder("postgresql", "shop", 1s);
  Reading size("postgresql");
  size.set("database_size", 40);
  builder.add(kStart - 200ms, std::move(size));
  builder.begin_test(kStart, 0s);
  builder.add(kStart + 800ms, Reading("postgresql"));
  const MetricSummary summary = whole(builder).find("database_size")->summary;
  EXPECT_EQ(summary.highest, 40);
  EXPECT_EQ(summary.increase, 0);
}

TEST(SeriesBuilder, workers_that_come_and_go_have_series_of_their_own) {
  SeriesBuilder builder = builder_of();
  const auto with_worker = [](double counter, const char* name) {
    Reading made = reading(0, 1);
    made.begin_part(name);
    made.set("cpu", counter);
    return made;
  };
  builder.add(kStart, with_worker(5, "worker 7"));
  builder.add(kStart + 1s, with_worker(8, "worker 7"));
  builder.add(kStart + 2s, with_worker(1, "worker 9"));
  builder.add(kStart + 3s, with_worker(2, "worker 9"));
  const auto all = builder.series(SeriesBuilder::Detail::samples);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].part, "worker 7");
  EXPECT_THAT(all[1].at, ElementsAre(0, 1, 2));
  EXPECT_THAT(all[1].find("cpu")->values, ElementsAre(IsNan(), 3, IsNan()));
  EXPECT_THAT(all[2].at, ElementsAre(2, 3));
  EXPECT_EQ(all[2].find("cpu")->summary.increase, 1);
}

TEST(SeriesBuilder, a_long_run_merges_its_samples_and_keeps_its_figures) {
  SeriesBuilder builder = builder_of();
  constexpr int kTicks = 10'000;
  for (int i = 0; i < kTicks; ++i) {
    builder.add(kStart + i * 1s, reading(3.0 * i, i == 777 ? 1e6 : i));
  }
  const ProbeSeries series = whole(builder);
  EXPECT_LT(series.at.size(), ProbeSeries::kMostSamples);
  EXPECT_GE(series.at.size(), ProbeSeries::kMostSamples / 2);
  EXPECT_EQ(series.interval, 8);
  EXPECT_EQ(series.find("memory")->values.size(), series.at.size());
  EXPECT_DOUBLE_EQ(series.find("memory")->values[200], 1603.5);
  EXPECT_DOUBLE_EQ(series.find("cpu")->values[200], 3);
  EXPECT_EQ(series.find("memory")->summary.highest, 1e6);
  EXPECT_EQ(series.find("memory")->summary.samples, static_cast<unsigned>(kTicks));
  EXPECT_EQ(series.find("cpu")->summary.increase, 3.0 * (kTicks - 1));
}

TEST(SeriesBuilder, keeps_no_more_parts_and_metrics_than_its_bounds) {
  SeriesBuilder builder = builder_of();
  Reading many("prometheus");
  for (int i = 0; i < 1000; ++i) many.set_other("metric_" + std::to_string(i), MetricKind::gauge, 1);
  for (int i = 0; i < 1000; ++i) {
    many.begin_part("part " + std::to_string(i));
    many.set_other("one", MetricKind::gauge, 1);
  }
  builder.add(kStart, std::move(many));
  const auto all = builder.series(SeriesBuilder::Detail::summaries);
  EXPECT_EQ(all.size(), 1 + SeriesBuilder::kMostParts);
  EXPECT_EQ(all[0].metrics.size(), SeriesBuilder::kMostMetrics);
}

}  // namespace
}  // namespace loadlab
