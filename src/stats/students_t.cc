#include "stats/students_t.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace stats {

using boost::math::complement;

namespace {

// In doubles throughout: fifteen digits of a chance are enough, and many of them are asked for.
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using Distribution = boost::math::students_t_distribution<double, Policy>;

}  // namespace

double students_t_two_sided(double t, double degrees) {
  if (std::isnan(t)) return 1;
  if (!std::isfinite(t)) return 0;
  return 2 * boost::math::cdf(complement(Distribution(degrees), std::abs(t)));
}

double students_t_two_sided_point(double chance, double degrees) {
  return boost::math::quantile(complement(Distribution(degrees), chance / 2));
}

}  // namespace stats
