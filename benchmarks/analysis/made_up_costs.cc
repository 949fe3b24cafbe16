#include "made_up_costs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/random.h"

namespace bench {
namespace {

using base::Random;

enum class Noise { normal, student, laplace };

// A monthly charge, and the day it comes on.
enum class MonthDay { first, last, fifteenth, first_business, last_business };

struct Recipe {
  Kind kind = Kind::steady;
  double level = 1;
  double growth = 0;  // a day, relative
  double slope = 0;   // a day, of the first level
  double wander = 0;  // deviation of the level's change in a day, relative
  double shift_chance = 0;
  Noise noise = Noise::normal;
  double deviation = 0;
  double correlation = 0;
  double spike_chance = 0;
  std::array<double, 7> weekday{};
  double month_charge = 0;  // in levels
  MonthDay month_day = MonthDay::last;
  double charge_chance = 1;  // of an intermittent one
};

double log_uniform(Random& random, double low, double high) {
  return std::exp(random.uniform(std::log(low), std::log(high)));
}

// The first eight kinds are drawn from the series' own numbers, the others from numbers of their own: so the series of
// a seed stays what it was, but where it becomes one of a new kind.
constexpr int kFirstKinds = 8;
constexpr double kStrongGrowth = 0.2;
constexpr double kNoWeekends = 1.0 / kKinds;

void grow_strongly(Random& random, Recipe& recipe) {
  const bool falls = random.chance(0.25);
  recipe.deviation = log_uniform(random, 0.002, 0.02);
  recipe.growth = 0;
  if (recipe.kind == Kind::linear) {
    recipe.slope = falls ? -random.uniform(0.0005, 0.0018) : random.uniform(0.002, 0.02);
  } else {
    recipe.growth = falls ? -random.uniform(0.002, 0.006) : random.uniform(0.003, 0.01);
  }
}

Recipe recipe_of(Random& random, std::uint64_t seed) {
  Recipe recipe;
  recipe.kind = static_cast<Kind>(random.below(kFirstKinds));
  Random strong(base::mix(~seed));
  if (strong.chance(kStrongGrowth)) recipe.kind = strong.chance(0.5) ? Kind::linear : Kind::exponential;
  if (Random(base::mix(seed ^ 0x5eed)).chance(kNoWeekends)) recipe.kind = Kind::no_weekends;
  recipe.level = log_uniform(random, 5, 50'000);
  recipe.deviation = log_uniform(random, 0.01, 0.15);
  if (random.chance(0.6)) recipe.growth = 0.001 * random.normal();
  if (recipe.kind == Kind::growing) recipe.growth = random.uniform(-0.004, 0.008);
  if (recipe.kind == Kind::linear || recipe.kind == Kind::exponential) grow_strongly(strong, recipe);
  if (recipe.kind == Kind::no_weekends) recipe.deviation = 0.08;
  if (recipe.kind == Kind::wandering) recipe.wander = log_uniform(random, 0.003, 0.02);
  if (recipe.kind == Kind::shifting) recipe.shift_chance = 1 / 120.0;
  if (recipe.kind == Kind::correlated) recipe.correlation = random.uniform(0.3, 0.9);
  if (recipe.kind == Kind::heavy_tailed) {
    recipe.noise = random.chance(0.5) ? Noise::student : Noise::laplace;
    recipe.spike_chance = 0.01;
  }
  const bool has_weekend = random.chance(0.7);
  const double weekend = has_weekend ? random.uniform(0.1, 0.95) : 1;
  for (std::size_t day = 0; day < 7; ++day) {
    recipe.weekday[day] = (day == 0 || day == 6 ? weekend : 1) * (has_weekend ? 1 + 0.03 * random.normal() : 1);
  }
  if (random.chance(0.3)) {
    recipe.month_charge = log_uniform(random, 0.3, 4);
    recipe.month_day = static_cast<MonthDay>(random.below(5));
  }
  if (recipe.kind == Kind::intermittent) {
    recipe.charge_chance = random.uniform(0.1, 0.6);
    recipe.month_charge = 0;
  }
  return recipe;
}

double draw(Random& random, Noise noise) {
  if (noise == Noise::normal) return random.normal();
  if (noise == Noise::laplace) return (random.chance(0.5) ? 1 : -1) * random.exponential() / std::sqrt(2.0);
  double squares = 0;
  for (int i = 0; i < 3; ++i) squares += std::pow(random.normal(), 2);
  return random.normal() / std::sqrt(squares / 3) / std::sqrt(3.0);
}

bool works(base::Day day) {
  const unsigned name = std::chrono::weekday(day).c_encoding();
  return name != 0 && name != 6;
}

bool falls_on(MonthDay which, base::Day day) {
  using namespace std::chrono;
  const year_month_day date(day);
  base::Day wanted = sys_days(date.year() / date.month() / 1);
  switch (which) {
    case MonthDay::first:
      break;
    case MonthDay::fifteenth:
      wanted += days(14);
      break;
    case MonthDay::last:
      wanted = sys_days(date.year() / date.month() / last);
      break;
    case MonthDay::first_business:
      while (!works(wanted)) wanted += days(1);
      break;
    case MonthDay::last_business:
      wanted = sys_days(date.year() / date.month() / last);
      while (!works(wanted)) wanted -= days(1);
      break;
  }
  return day == wanted;
}

// The factor of what comes round, of a day.
double cycle_of(const Recipe& recipe, base::Day day) {
  const double weekday = recipe.weekday[std::chrono::weekday(day).c_encoding()];
  return weekday + (falls_on(recipe.month_day, day) ? recipe.month_charge : 0);
}

bool silent(const Recipe& recipe, base::Day day) { return recipe.kind == Kind::no_weekends && !works(day); }

}  // namespace

const char* name_of(Kind kind) {
  constexpr std::array<const char*, kKinds> kNames = {"steady",   "heavy-tailed", "correlated",   "wandering",
                                                      "shifting", "growing",      "intermittent", "short history",
                                                      "linear",   "exponential",  "no weekends"};
  return kNames[static_cast<std::size_t>(kind)];
}

MadeUp make_up(std::uint64_t seed, int days, int ahead) {
  using namespace std::chrono;
  Random random(base::mix(seed));
  const Recipe recipe = recipe_of(random, seed);
  MadeUp made;
  made.kind = recipe.kind;
  made.first = sys_days(2024y / January / 1) + std::chrono::days(random.below(400));
  if (recipe.kind == Kind::short_history) days = static_cast<int>(7 + random.below(54));
  double level = recipe.level;
  double error = 0;
  double level_at_end = 0;
  double error_at_end = 0;
  for (int i = 0; i < days + ahead; ++i) {
    const base::Day day = made.first + std::chrono::days(i);
    level *= 1 + recipe.growth + recipe.wander * random.normal();
    level += recipe.slope * recipe.level;
    if (random.chance(recipe.shift_chance)) level *= std::exp((random.chance(0.5) ? 1 : -1) * random.uniform(0.1, 0.7));
    error = recipe.correlation * error +
            std::sqrt(1 - recipe.correlation * recipe.correlation) * recipe.deviation * draw(random, recipe.noise);
    double cost = level * cycle_of(recipe, day) * std::max(0.0, 1 + error);
    if (random.chance(recipe.spike_chance)) cost += level * random.uniform(0.5, 4);
    if (recipe.charge_chance < 1) cost = random.chance(recipe.charge_chance) ? cost * random.exponential() : 0;
    if (silent(recipe, day)) cost = i < days ? std::nan("") : 0;
    (i < days ? made.past : made.future).push_back(cost);
    if (i + 1 == days) {
      level_at_end = level;
      error_at_end = error;
    }
  }
  for (int h = 1; h <= ahead; ++h) {
    const base::Day day = made.first + std::chrono::days(days + h - 1);
    if (silent(recipe, day)) {
      made.foreseen.push_back(0);
      continue;
    }
    const double grown = level_at_end * std::pow(1 + recipe.growth, h) + recipe.slope * recipe.level * h;
    made.foreseen.push_back(grown * cycle_of(recipe, day) * recipe.charge_chance *
                            (1 + std::pow(recipe.correlation, h) * error_at_end));
  }
  return made;
}

}  // namespace bench
