#include "stats/students_t.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace stats {

using boost::math::complement;

double students_t_two_sided(double t, double degrees) {
  if (std::isnan(t)) return 1;
  if (!std::isfinite(t)) return 0;
  return 2 * boost::math::cdf(complement(boost::math::students_t(degrees), std::abs(t)));
}

double students_t_two_sided_point(double chance, double degrees) {
  return boost::math::quantile(complement(boost::math::students_t(degrees), chance / 2));
}

}  // namespace stats
