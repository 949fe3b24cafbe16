#include "stats/normal.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace stats {

double normal_upper_tail(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double normal_upper_point(double tail) {
  assert(tail > 0 && tail < 1);
  // The smallest double above zero lies 38.5 deviations out; 200 halvings leave nothing between the bounds.
  double low = -40;
  double high = 40;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (normal_upper_tail(middle) > tail ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace stats
