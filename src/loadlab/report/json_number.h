// Numbers of the summary. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <optional>

namespace loadlab {

// Rounded to six significant digits, which say more than any clock here knows; null for what is not finite, or none.
boost::json::value number(double value);
boost::json::value number(const std::optional<double>& value);

}  // namespace loadlab
