#include "loadlab/plan/delay.h"

#include <algorithm>
#include <cmath>

namespace loadlab {

using base::Nanoseconds;

Nanoseconds Delay::draw_some(base::Random& random) const {
  const auto scaled = [this](double factor) {
    const double wanted = static_cast<double>(low.count()) * factor;
    return Nanoseconds(static_cast<std::int64_t>(std::min(wanted, static_cast<double>(kLongest.count()))));
  };
  switch (kind) {
    case Kind::constant:
      return low;
    case Kind::uniform:
      return low + Nanoseconds(static_cast<std::int64_t>(random.uniform() * static_cast<double>((high - low).count())));
    case Kind::exponential:
      return scaled(random.exponential());
    case Kind::log_normal:
      return scaled(std::exp(sigma * random.normal()));
  }
  return low;
}

}  // namespace loadlab
