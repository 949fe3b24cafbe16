#include "stats/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace stats {
namespace {

using base::Random;
using namespace std::chrono_literals;

// The definition, from all samples: the smallest value that `percent` of them do not exceed.
std::uint64_t exact_percentile(std::vector<std::uint64_t> samples, double percent) {
  std::sort(samples.begin(), samples.end());
  const auto rank = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(samples.size()) - 1e-6)));
  return samples[rank - 1];
}

TEST(Histogram, percentiles_are_within_the_stated_error_from_nanoseconds_to_hours) {
  for (const int digits : {1, 2, 3, 4}) {
    Histogram histogram(digits);
    std::vector<std::uint64_t> samples;
    Random random(17);
    for (int i = 0; i < 20'000; ++i) {
      const auto value = static_cast<std::uint64_t>(std::exp(random.uniform(0, std::log(1e13))));
      samples.push_back(value);
      histogram.record(value, 1);
    }
    for (const double percent : {0.0, 1.0, 10.0, 50.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
      const auto exact = static_cast<double>(exact_percentile(samples, percent));
      EXPECT_NEAR(static_cast<double>(histogram.percentile(percent)), exact, 1 + exact * std::pow(10, -digits))
          << digits << " digits, p" << percent;
    }
  }
}

TEST(Histogram, small_values_are_exact) {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 2048; ++value) histogram.record(value, 1);
  EXPECT_EQ(histogram.percentile(50), 1023u);
  EXPECT_EQ(histogram.percentile(100), 2047u);
  EXPECT_EQ(histogram.min(), 0u);
}

TEST(Histogram, minimum_maximum_and_mean_are_exact) {
  Histogram histogram;
  histogram.record(1'234'567ns);
  histogram.record(7'654'321ns);
  histogram.record(3s);
  EXPECT_EQ(histogram.min(), 1'234'567u);
  EXPECT_EQ(histogram.max(), 3'000'000'000u);
  EXPECT_DOUBLE_EQ(histogram.mean(), (1'234'567.0 + 7'654'321.0 + 3e9) / 3);
  EXPECT_EQ(histogram.percentile(100), 3'000'000'000u) << "never above the largest value recorded";
}

TEST(Histogram, an_empty_one_answers_zero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.percentile(99), 0u);
  EXPECT_EQ(histogram.mean(), 0.0);
  EXPECT_EQ(histogram.min(), 0u);
}

TEST(Histogram, what_is_too_large_is_counted_and_said) {
  Histogram histogram;
  histogram.record(UINT64_MAX, 1);
  histogram.record(-5ns);
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.saturated(), 1u);
  EXPECT_EQ(histogram.max(), Histogram::kMaxTrackable);
  EXPECT_EQ(histogram.min(), 0u);
}

TEST(Histogram, merging_parts_equals_recording_the_whole) {
  Random random(23);
  Histogram whole;
  Histogram parts[3];
  for (int i = 0; i < 30'000; ++i) {
    const auto value = static_cast<std::uint64_t>(1e6 * random.exponential() * (i % 3 + 1));
    whole.record(value, 1);
    parts[i % 3].record(value, 1);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.min(), whole.min());
  EXPECT_EQ(merged.max(), whole.max());
  EXPECT_NEAR(merged.mean(), whole.mean(), whole.mean() * 1e-12);
  for (const double percent : {1.0, 25.0, 50.0, 99.0, 99.9})
    EXPECT_EQ(merged.percentile(percent), whole.percentile(percent));
}

TEST(Histogram, cleared_is_as_new) {
  Histogram histogram;
  histogram.record(5s);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0u);
  histogram.record(3ms);
  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.percentile(100), 3'000'000u);
  EXPECT_EQ(histogram.min(), 3'000'000u);
}

TEST(Histogram, buckets_hold_all_counts_and_touch_without_gaps) {
  Histogram histogram(2);
  for (std::uint64_t value = 1; value < 100'000'000; value += value / 97 + 1) histogram.record(value, 2);
  std::uint64_t counted = 0;
  std::uint64_t previous_high = 0;
  histogram.for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
    EXPECT_GT(low, previous_high);
    EXPECT_GE(high, low);
    EXPECT_LE(static_cast<double>(high - low + 1), std::max(1.0, static_cast<double>(low) / 100));
    previous_high = high;
    counted += count;
  });
  EXPECT_EQ(counted, histogram.count());
}

TEST(Histogram, deviation_of_a_normal_sample_is_its_sigma) {
  Random random(29);
  Histogram histogram;
  for (int i = 0; i < 100'000; ++i) histogram.record(static_cast<std::uint64_t>(1e8 + 1e7 * random.normal()), 1);
  EXPECT_NEAR(histogram.standard_deviation(), 1e7, 1e5);
}

}  // namespace
}  // namespace stats
