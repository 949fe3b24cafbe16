// What the days of a series are like around their expected costs: how far they depend on the day before, and how often
// wild ones come without a reason. Pure and thread-safe.
#pragma once

#include <span>

namespace costagent {

struct Noise {
  // By how much more the means of days in a row scatter than if each day erred by itself: 1 if each does.
  double inertia = 1;
  // The inverse of the degrees of freedom of Student's t distribution that has as many days beyond two deviations: 0 is
  // normal noise, 0.25 has a day beyond 10 deviations in every three years.
  double heaviness = 0;
};

// Of days in deviations from what is expected of them; what is not finite is left out. What normal and independent days
// show by chance is taken as such, and so are fewer than six weeks.
Noise noise_of(std::span<const double> deviations);

// How often a day of the noise is so far out on either side, as a chance; 0 for normal noise, whose tail is known from
// clean years (thresholds.h).
double chance_of_day(double deviations, const Noise& noise);

}  // namespace costagent
