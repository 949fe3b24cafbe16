// What comes round in a series: its daily and weekly cycle, and what every month brings on the same day.
//
// Pure and thread-safe. Effects are parts of the level where the series is positive and its level stays so
// (proportional), else of a typical size. Estimates are shrunk towards no effect by as much as their classes scatter by
// chance (James and Stein 1961), so that a series without a cycle gets none.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "costagent/analyze/timeline.h"

namespace costagent {

struct MonthlyEffect {
  double amount = 0;
  double deviation = 0;  // of one month's from it; the estimate's own is in it
  int seen = 0;
};

class Cycles {
 public:
  // NaN is a gap; everything else is finite, and some values are.
  static Cycles learn(const Timeline& timeline, std::span<const double> values);

  bool proportional() const { return proportional_; }
  // Mostly zeros, that no weekday explains: what comes is a matter of chance.
  bool intermittent() const { return intermittent_; }
  double typical() const { return typical_; }  // size of a value; 0 only if all are

  // Of value i, before or after the end, in parts of the level or the typical size: what daily and weekly cycle add.
  double effect(std::size_t i) const;
  std::optional<MonthlyEffect> monthly(std::size_t i) const;
  // The values without all that comes round, NaN where that hides them. `values` are those that were learnt from.
  std::vector<double> without(std::span<const double> values) const;
  // The scatter of value i as a multiple of the usual.
  double noise(std::size_t i) const;
  // By how much errors of the past look too small, as the cycle was learnt from the values that it is compared with.
  double optimism() const { return optimism_; }

 private:
  struct Layer {
    std::vector<double> effect;  // by class
  };

  explicit Cycles(const Timeline& timeline)
      : timeline_(timeline), daily_(timeline.daily()), first_weekday_(timeline.weekday(0)) {}
  void look_at(std::span<const double> values);
  void learn_layers(std::span<const double> values);
  void learn_layer(std::span<const double> rest, std::size_t classes, Layer& layer,
                   std::size_t (Cycles::*class_of)(std::size_t) const);
  std::size_t slot_of_day(std::size_t i) const { return i % per_day_; }
  std::size_t weekday(std::size_t i) const { return daily_ ? (first_weekday_ + i) % 7 : timeline_.weekday(i); }
  std::size_t weekend(std::size_t i) const { return weekday(i) % 6 == 0 ? 1 : 0; }
  std::size_t slot_of_week(std::size_t i) const { return i % (7 * per_day_); }
  std::vector<double> rest_of(std::span<const double> values) const;
  double daily_and_weekly(std::size_t i) const;
  void learn_months(std::span<const double> values);
  void learn_noise(std::span<const double> values);
  void set_level(std::span<const double> values, bool first);
  double unit(std::size_t i) const { return proportional_ ? level_[i] : typical_; }

  Timeline timeline_;
  bool daily_;
  std::size_t first_weekday_;
  std::size_t per_day_ = 0;
  bool proportional_ = false;
  bool intermittent_ = false;
  double typical_ = 0;
  double optimism_ = 1;
  std::vector<double> level_;
  std::vector<MonthPlaces> places_;    // of the values' days
  std::vector<double> month_amounts_;  // of the values
  Layer by_slot_;
  Layer by_weekend_;  // of a short past: a single week tells the two kinds of days apart
  Layer by_weekday_;
  Layer by_week_slot_;
  std::array<std::optional<MonthlyEffect>, kMonthPlaces> months_{};
  std::array<double, 7> noise_{1, 1, 1, 1, 1, 1, 1};
};

}  // namespace costagent
