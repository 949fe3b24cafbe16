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

// For an hour, so that no test comes to its end.
OpenLoad arriving(Arrivals arrivals, double rate, Nanoseconds ramp_up = 0s) {
  OpenLoad load;
  load.arrivals = arrivals;
  load.rate = LevelProfile::steady(rate, ramp_up, 1h);
  return load;
}

TEST(ArrivalSchedule, uniform_arrivals_keep_their_distance) {
  const OpenLoad load = arriving(Arrivals::uniform, 200);
  auto schedule = arrivals_of(load, {}, 1);
  EXPECT_EQ(schedule->next(), 0ns);
  EXPECT_EQ(schedule->next(), 5ms);
  EXPECT_EQ(schedule->next(), 10ms);
}

TEST(ArrivalSchedule, poisson_gaps_have_the_exponential_distribution) {
  const OpenLoad load = arriving(Arrivals::poisson, 1000);
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    auto schedule = arrivals_of(load, {}, seed);
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
    const OpenLoad load = arriving(poisson ? Arrivals::poisson : Arrivals::uniform, 1000);
    std::vector<double> merged;
    for (int part = 0; part < 4; ++part) {
      auto schedule = arrivals_of(load, {part, 4}, 9);
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
  const OpenLoad load = arriving(Arrivals::poisson, 50);
  auto a = arrivals_of(load, {1, 2}, 77);
  auto b = arrivals_of(load, {1, 2}, 77);
  auto other = arrivals_of(load, {0, 2}, 77);
  int equal = 0;
  for (int i = 0; i < 100; ++i) {
    const Nanoseconds time = a->next();
    EXPECT_EQ(time, b->next());
    equal += time == other->next();
  }
  EXPECT_EQ(equal, 0) << "the parts of one schedule are independent";
}

TEST(ArrivalSchedule, a_ramp_reaches_the_rate_evenly) {
  const OpenLoad load = arriving(Arrivals::uniform, 100, 10s);
  auto schedule = arrivals_of(load, {}, 1);
  const auto times = seconds_of(*schedule, 3000);
  const auto until = [&](double end) {
    return std::count_if(times.begin(), times.end(), [&](double time) { return time < end; });
  };
  EXPECT_NEAR(until(5), 125, 1);  // 100 · 5² / (2 · 10)
  EXPECT_NEAR(until(10), 500, 1);
  EXPECT_NEAR(until(20), 1500, 1);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST(ArrivalSchedule, stages_follow_the_integrated_rate_and_end) {
  OpenLoad load;
  load.arrivals = Arrivals::uniform;
  // A spike: 5/s, at once 500/s, at once nothing, then 10/s falling to none.
  load.rate = LevelProfile({{10s, 5, 0s}, {2s, 500, 0s}, {3s, 0, 0s}, {5s, 10, 0s}, {4s, 0, 4s}});
  auto schedule = arrivals_of(load, {}, 1);
  std::vector<double> times;
  for (Nanoseconds at = schedule->next(); at != Nanoseconds::max(); at = schedule->next())
    times.push_back(std::chrono::duration<double>(at).count());
  const auto within = [&](double begin, double end) {
    return std::count_if(times.begin(), times.end(), [&](double time) { return begin <= time && time < end; });
  };
  EXPECT_EQ(within(0, 9.999), 50);
  EXPECT_NEAR(within(9.999, 12), 1000, 1);
  EXPECT_LE(within(12.001, 14.999), 0);
  EXPECT_NEAR(within(14.999, 20), 50, 1);
  EXPECT_NEAR(within(20, 24.1), 20, 1) << "half of the rate on average";
  EXPECT_NEAR(within(20, 22), 15, 1);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST(ArrivalSchedule, replayed_times_are_dealt_out_in_turn) {
  OpenLoad load;
  load.arrivals = Arrivals::replay;
  load.times = std::make_shared<const std::vector<Nanoseconds>>(std::vector<Nanoseconds>{1ms, 2ms, 2ms, 7ms, 9ms});
  auto first = arrivals_of(load, {0, 2}, 1);
  auto second = arrivals_of(load, {1, 2}, 1);
  for (const Nanoseconds at : {Nanoseconds(1ms), Nanoseconds(2ms), Nanoseconds(9ms), Nanoseconds::max()})
    EXPECT_EQ(first->next(), at);
  for (const Nanoseconds at : {Nanoseconds(2ms), Nanoseconds(7ms), Nanoseconds::max()}) EXPECT_EQ(second->next(), at);
}

}  // namespace
}  // namespace loadlab
