#include "loadlab/report/json_number.h"

#include <boost/json.hpp>
#include <cmath>

namespace loadlab {

boost::json::value number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0.0;
  const double scale = std::pow(10, 5 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

boost::json::value number(const std::optional<double>& value) {
  return value ? number(*value) : boost::json::value(nullptr);
}

}  // namespace loadlab
