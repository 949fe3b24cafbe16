// The standard normal distribution. Pure.
#pragma once

namespace stats {

// The chance of a value above `z`; exact to the last digits far out in the tail too.
double normal_upper_tail(double z);

// The value that is exceeded with the chance `tail`, above 0 and below 1: 2.326 for 0.01.
double normal_upper_point(double tail);

}  // namespace stats
