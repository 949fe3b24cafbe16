// Student's t distribution, by Boost.Math. Pure.
#pragma once

namespace stats {

// The chance of a t of this size or larger, on either side of 0, with `degrees` of freedom (above 0). 0 for an infinite
// t, 1 for one that is not a number.
double students_t_two_sided(double t, double degrees);

// The t whose size is exceeded with this chance, above 0 and at most 1: 2.228 for 0.05 and 10 degrees.
double students_t_two_sided_point(double chance, double degrees);

}  // namespace stats
