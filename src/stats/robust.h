// Statistics that a few wild values cannot move: medians, quantiles and their scatter.
//
// Every function takes plain numbers of any unit and leaves out what is not finite: a missing day is not a zero. An
// empty input gives none rather than an invented number. Pure and thread-safe.
#pragma once

#include <optional>
#include <span>

namespace stats {

// What makes a median absolute deviation, or a mean one, estimate the standard deviation of normal noise.
inline constexpr double kMadToSigma = 1.4826;
inline constexpr double kMeanDeviationToSigma = 1.2533;

// The middle value; of an even count the mean of the two in the middle.
std::optional<double> median(std::span<const double> values);

// The value below which the fraction `q` (0 to 1) lies, linearly between neighbours (type 7 of Hyndman and Fan 1996).
std::optional<double> quantile(std::span<const double> values, double q);

// Scatter around `center`, as an estimate of the standard deviation: the median absolute deviation × 1.4826 (Hampel
// 1974). Where more than half of the values are the same that is 0, and the mean absolute deviation × 1.2533 takes its
// place (Iglewicz and Hoaglin 1993). 0 only if all values are the center.
double scatter(std::span<const double> values, double center);

// The same from more of what the values say: the root of the mean square, in which no value counts for more than 2.5
// times `scatter` (one step of proposal 2 of Huber 1964). Of n normal values it errs by 0.75 / √n, where `scatter` errs
// by 1.17 / √n; one wild value in twenty raises it by an eighth.
double fine_scatter(std::span<const double> values, double center);

}  // namespace stats
