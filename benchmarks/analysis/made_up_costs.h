// Daily costs made up at random, with what is known of them: for judging forecasts.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace bench {

enum class Kind {
  steady,
  heavy_tailed,
  correlated,
  wandering,
  shifting,
  growing,
  intermittent,
  short_history,
  linear,       // much growth at the same amount a day, or decline, and little noise
  exponential,  // the same at the same rate
  no_weekends,  // billed on business days only
};
inline constexpr int kKinds = 11;

struct MadeUp {
  Kind kind = Kind::steady;
  base::Day first;
  std::vector<double> past;  // NaN on days without a charge
  std::vector<double> future;
  // What the one who made it would forecast: its level, growth and cycles are known and what it is yet to draw isn't.
  std::vector<double> foreseen;
};

// The same series for the same seed, on every machine.
MadeUp make_up(std::uint64_t seed, int days, int ahead);

const char* name_of(Kind kind);

}  // namespace bench
