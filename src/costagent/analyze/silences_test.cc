#include "costagent/analyze/silences.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace costagent {
namespace {

// A Monday.
const base::Day kFirst{std::chrono::days(19'723)};

// `charged(day)` for each of so many days.
template <class Charged>
std::vector<Charging> charges(int days, const Charged& charged) {
  std::vector<Charging> result;
  for (int i = 0; i < days; ++i) result.push_back(charged(i) ? Charging::charged : Charging::silent);
  return result;
}

bool is_weekend(int day) { return day % 7 >= 5; }

TEST(Silences, a_weekday_that_is_never_charged_is_silent_and_stays_so) {
  for (const int weeks : {2, 3, 20}) {
    const Silences silences(kFirst, charges(7 * weeks, [](int day) { return !is_weekend(day); }));
    for (int i = 0; i < 7 * weeks + 40; ++i) EXPECT_EQ(silences.at(static_cast<std::size_t>(i)), is_weekend(i)) << i;
  }
}

TEST(Silences, single_days_without_a_charge_are_none) {
  const Silences silences(kFirst, charges(140, [](int day) { return day % 23 != 5; }));
  EXPECT_FALSE(silences.any());
  const Silences beside(kFirst, charges(140, [](int day) { return !is_weekend(day) && day != 65; }));
  EXPECT_TRUE(beside.at(69));
  EXPECT_FALSE(beside.at(65)) << "a Wednesday";
  const Silences once(kFirst, charges(12, [](int day) { return !is_weekend(day); }));
  EXPECT_FALSE(once.any()) << "one weekend is no habit";
}

TEST(Silences, a_habit_may_begin_and_end) {
  const Silences begun(kFirst, charges(161, [](int day) { return !is_weekend(day) || day < 140; }));
  EXPECT_FALSE(begun.at(138));
  EXPECT_TRUE(begun.at(145)) << "the first of the three silent Saturdays";
  EXPECT_TRUE(begun.at(166));
  const Silences open(kFirst, charges(161, [](int day) { return !is_weekend(day) || day < 147; }));
  EXPECT_FALSE(open.at(152)) << "two say too little";
  EXPECT_FALSE(open.at(166));
  const Silences ended(kFirst, charges(161, [](int day) { return !is_weekend(day) || day >= 140; }));
  EXPECT_TRUE(ended.at(138));
  EXPECT_FALSE(ended.at(159));
  EXPECT_FALSE(ended.at(166));
}

TEST(Silences, one_charge_ends_no_habit) {
  const Silences silences(kFirst, charges(140, [](int day) { return !is_weekend(day) || day == 138; }));
  EXPECT_FALSE(silences.at(138));
  EXPECT_TRUE(silences.at(139));
  EXPECT_TRUE(silences.at(145));
}

TEST(Silences, a_habit_is_seen_beside_days_that_are_missing_by_chance) {
  base::Random random(5);
  const Silences silences(kFirst, charges(280, [&](int day) { return !is_weekend(day) && random.chance(0.92); }));
  int weekends = 0;
  int others = 0;
  for (int i = 0; i < 310; ++i) (is_weekend(i) ? weekends : others) += silences.at(static_cast<std::size_t>(i));
  EXPECT_EQ(weekends, 2 * 310 / 7);
  EXPECT_LE(others, 8);
}

TEST(Silences, days_of_the_month_have_habits_too) {
  const auto month_day = [](int i) {
    return static_cast<unsigned>(std::chrono::year_month_day(kFirst + std::chrono::days(i)).day());
  };
  const Silences silences(kFirst, charges(200, [&](int i) { return month_day(i) > 5; }));
  for (int i = 0; i < 240; ++i) EXPECT_EQ(silences.at(static_cast<std::size_t>(i)), month_day(i) <= 5) << i;
  const Silences twice(kFirst, charges(55, [&](int i) { return month_day(i) != 10; }));
  EXPECT_FALSE(twice.any()) << "two months are no habit";
  const Silences weekly(kFirst, charges(400, [](int day) { return !is_weekend(day); }));
  for (int i = 400; i < 440; ++i) EXPECT_EQ(weekly.at(static_cast<std::size_t>(i)), is_weekend(i)) << i;
}

TEST(Silences, what_comes_by_chance_and_what_has_ended_has_no_habit) {
  for (const double chance : {0.05, 0.1, 0.2, 0.4, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95}) {
    int silent = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      base::Random random(seed);
      const Silences silences(kFirst, charges(300, [&](int) { return random.chance(chance); }));
      for (std::size_t i = 0; i < 330; ++i) silent += silences.at(i);
    }
    EXPECT_LE(silent, 100) << "of 33,000 days, each charged with a chance of " << chance;
  }
  const Silences ended(kFirst, charges(200, [](int day) { return day < 160; }));
  EXPECT_FALSE(ended.any());
  EXPECT_FALSE(Silences(kFirst, charges(100, [](int) { return false; })).any());
}

TEST(Silences, what_is_not_known_is_left_out) {
  auto days = charges(140, [](int day) { return !is_weekend(day); });
  days[138] = days[131] = days[124] = Charging::unknown;
  const Silences silences(kFirst, days);
  EXPECT_FALSE(silences.at(138));
  EXPECT_TRUE(silences.at(117));
  EXPECT_TRUE(silences.at(145));
}

}  // namespace
}  // namespace costagent
