// What a level usually grows by, which the days around a change of level are compared with. Pure and thread-safe.
#pragma once

#include <span>
#include <vector>

namespace costagent {

// `weekly` says by how much the level grew within two weeks, looked at once a week; so does the answer. It is the
// growth that is usual within half a year: what climbs for longer than half of that is usual. Where growth changes with
// the season, which three quarters of a year are needed to tell, it is that within a quarter.
std::vector<double> usual_growth(std::span<const double> weekly);

}  // namespace costagent
