// What the same hour of earlier days was like.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace costagent {

// Keeps the mean of every hour of the last 28 days: 5 kB. Time may stand still or go back. Not thread-safe.
class HourProfile {
 public:
  HourProfile();

  void add(base::Seconds time, double value);

  // How far the mean of the hour at hand is from the nearest one that began within an hour of the same time of any
  // earlier day; 0 unless two earlier days know this very hour. Nearest and not usual: weekdays, weekends and whatever
  // else alternates all are known once they were seen. `step` is the usual time between values: before half of those
  // that an hour has were seen, its mean says nothing.
  double distance(std::chrono::seconds step) const;

 private:
  struct Hour {
    std::int64_t number = -1;  // hours since 1970
    double mean = 0;
  };
  std::size_t place(std::int64_t number) const;

  std::vector<Hour> hours_;  // by their number, modulo their count
  std::int64_t current_ = 0;
  double sum_ = 0;
  int count_ = 0;
};

}  // namespace costagent
