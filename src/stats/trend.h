// Whether a series rises or falls, by how much, and whether the rise goes on: for series that wild values, gaps and
// neighbours that resemble each other must not mislead.
//
// A series stands at equal steps of time; what is not finite is a gap and keeps its step. Slopes are per step. Pure and
// thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace stats {

// Series with more values than these are judged by the medians of as many blocks of neighbours: more say little more of
// a trend, and a millisecond is spent on it at the most.
inline constexpr std::size_t kMostTrendValues = 1500;

// A straight line through a series, and how sure its slope is.
struct Line {
  double slope = 0;      // per step
  double intercept = 0;  // at step 0
  double slope_low = 0;  // the interval that holds the slope with the confidence asked for
  double slope_high = 0;

  double at(double step) const { return intercept + slope * step; }
};

struct SlopeOptions {
  double confidence = 0.95;  // of the interval, two-sided
  // By how much the variance of Kendall's statistic is larger than for values that err independently, as
  // `trend_inflation` estimates it; 1 takes them to be independent.
  double inflation = 1;
};

// The median of the slopes of all pairs (Theil 1950), with the interval of Sen (1968), widened by the inflation. None
// of fewer than 3 finite values.
std::optional<Line> theil_sen(std::span<const double> values, const SlopeOptions& options = {});

// By how much the autocorrelation of what a line leaves of a series inflates the variance of Kendall's statistic, at
// least 1: the sum of Hamed and Rao (1998), with the autocorrelation of ranks taken around the line, so that a trend
// isn't mistaken for it (Yue and Wang 2004), and as that of an AR(1) process. Its estimate from n values is too low by
// (2 + 4ρ)/n when a line was taken out (van Giersbergen 2005), which is put back. `slope` is per step.
double trend_inflation(std::span<const double> values, double slope);

// The rank test of a trend (Mann 1945, Kendall 1975).
struct MannKendall {
  std::size_t count = 0;  // of the values, or blocks, that were compared
  double tau = 0;         // pairs that rise less pairs that fall, of all pairs: -1 … 1
  double z = 0;           // its normal deviate, with continuity correction; ties and inflation are in the variance
  double inflation = 1;   // of the variance, for autocorrelation
  double p_rise = 1;      // the chance of so much rise, or more, in a series without a trend
  double p_fall = 1;
};

// None of fewer than 4 finite values, of which even the steadiest rise would mean nothing.
//
// How often it claims a rise at a level of 1 % where there is none, by 4,000 simulations of AR(1) noise each: of 30
// values 0.6 % with ρ = 0, 2.0 % with 0.5 and 5.2 % with 0.9; of 100 values 0.7 %, 1.4 % and 3.0 %. Taken to be
// independent it would be 7.0 % with 0.5 and 25 % with 0.9 of 30 values, and more of longer series.
std::optional<MannKendall> mann_kendall(std::span<const double> values);

// The chance of as many rises from value to value as there are, or more, where a rise is as likely as a fall (the
// difference-sign test of Moore and Wallis 1943, by the exact binomial tail; equal neighbours say nothing, nor do
// gaps). It holds for a random walk too, whose every trend the rank test must distrust, and is conservative for noise
// around a level, as a value that is high is followed by a fall. 1 where nothing rises or falls.
double chance_of_rises(std::span<const double> values);

// Where a sawtooth turns up again: the steps of the lowest values between one fall of at least `least_fall` and the
// next rise of as much. A series that a collector, a log or an allocator clears now and then rises between its troughs
// whether or not it keeps anything; its troughs rise only if it does. In ascending order.
std::vector<std::size_t> troughs(std::span<const double> values, double least_fall);

// How a rise changes from the first half of a series to the second.
struct Bend {
  Line early;
  Line late;  // its intercept counts from step 0 of the whole series
  // The late slope as a share of the early one; 1 for a straight line, 0 for a series that has levelled off, and more
  // than 1 for one that speeds up. Infinite where only the late half rises.
  double ratio = 1;
  // Taking the rise to be exponential towards a level: the steps from the end of the series until the slope is a
  // twentieth of the early one. 0 if it is already, none if the rise doesn't slow down.
  std::optional<double> steps_to_level;
};

// None where a half has fewer than 3 finite values.
std::optional<Bend> bend(std::span<const double> values, const SlopeOptions& options = {});

}  // namespace stats
