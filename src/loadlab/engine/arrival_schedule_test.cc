#include "loadlab/engine/arrival_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace loadlab {
namespace {

using base::Nanoseconds;
using namespace std::chrono_literals;

std::vector<double> seconds_of(ArrivalSchedule& schedule, std::size_t count) {
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) times.push_back(std::chrono::duration<double>(schedule.next()).count());
  return times;
}

// The distance between the sample and the exponential distribution of that rate (Kolmogorov and Smirnov), times root n.
double exponential_distance(std::vector<double> gaps, double rate) {
  std::sort(gaps.begin(), gaps.end());
  const auto n = static_cast<double>(gaps.size());
  double distance = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const double expected = 1 - std::exp(-rate * gaps[i]);
    distance = std::max({distance, std::abs(expected - static_cast<double>(i) / n),
                         std::abs(expected - static_cast<double>(i + 1) / n)});
  }
  return distance * std::sqrt(n);
}

TEST(ArrivalSchedule, uniform_arrivals_keep_their_distance) {
  auto schedule = uniform_arrivals({200, 0s}, {});
  EXPECT_EQ(schedule->next(), 0ns);
  EXPECT_EQ(schedule->next(), 5ms);
  EXPECT_EQ(schedule->next(), 10ms);
}

TEST(ArrivalSchedule, poisson_gaps_have_the_exponential_distribution) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    auto schedule = poisson_arrivals({1000, 0s}, {}, seed);
    std::vector<double> gaps;
    double last = 0;
    for (const double time : seconds_of(*schedule, 10'000)) {
      gaps.push_back(time - last);
      last = time;
    }
    EXPECT_LT(exponential_distance(gaps, 1000), 1.95) << "passed by chance by one seed in a thousand";
  }
}

TEST(ArrivalSchedule, split_schedules_merge_to_the_full_rate) {
  for (const bool poisson : {false, true}) {
    std::vector<double> merged;
    for (int part = 0; part < 4; ++part) {
      auto schedule = poisson ? poisson_arrivals({1000, 0s}, {part, 4}, 9) : uniform_arrivals({1000, 0s}, {part, 4});
      const auto times = seconds_of(*schedule, 5000);
      merged.insert(merged.end(), times.begin(), times.end());
    }
    std::sort(merged.begin(), merged.end());
    const auto within = std::count_if(merged.begin(), merged.end(), [](double time) { return time < 10; });
    if (poisson) {
      EXPECT_NEAR(within, 10'000, 400) << "four standard deviations";
    } else {
      EXPECT_EQ(within, 10'000);
      for (std::size_t i = 0; i < 10'000; ++i) ASSERT_NEAR(merged[i], static_cast<double>(i) / 1000, 1e-8);
    }
  }
}

TEST(ArrivalSchedule, same_seed_same_arrivals) {
  auto a = poisson_arrivals({50, 0s}, {1, 2}, 77);
  auto b = poisson_arrivals({50, 0s}, {1, 2}, 77);
  auto other = poisson_arrivals({50, 0s}, {0, 2}, 77);
  int equal = 0;
  for (int i = 0; i < 100; ++i) {
    const Nanoseconds time = a->next();
    EXPECT_EQ(time, b->next());
    equal += time == other->next();
  }
  EXPECT_EQ(equal, 0) << "the parts of one schedule are independent";
}

TEST(ArrivalSchedule, a_ramp_reaches_the_rate_evenly) {
  auto schedule = uniform_arrivals({100, 10s}, {});
  const auto times = seconds_of(*schedule, 3000);
  const auto until = [&](double end) {
    return std::count_if(times.begin(), times.end(), [&](double time) { return time < end; });
  };
  EXPECT_NEAR(until(5), 125, 1);  // 100 · 5² / (2 · 10)
  EXPECT_NEAR(until(10), 500, 1);
  EXPECT_NEAR(until(20), 1500, 1);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

}  // namespace
}  // namespace loadlab
