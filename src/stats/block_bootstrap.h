// Resampling of values that resemble their neighbours in time: the moving-block bootstrap (Künsch 1989), which draws
// whole stretches of neighbours, so that a resample varies as much as the series itself would if it were measured
// again. Pure and thread-safe; all randomness comes from the caller.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/random.h"

namespace stats {

// How long the stretches should be for a mean of these values: by how far their autocorrelation reaches (Politis and
// White 2004, as corrected by Patton, Politis and White 2009), and no less than the cube root of their number (Hall,
// Horowitz and Jing 1995), no more than a quarter of them. At least 1.
std::size_t block_length(std::span<const double> values);

// By how much resamples of stretches of this length vary too little, as they tear apart what is alike across their
// ends: a factor of the variance, at least 1, for values each of which resembles the last (an autoregressive process of
// the first order, whose coefficient is estimated with Kendall's correction (1954) for short series; Bühlmann and
// Künsch 1999 have the bias of the blocks).
double variance_lost(std::span<const double> values, std::size_t length);

// Which of `count` values are in a resample, stretch by stretch; `count` indices. `length` is from 1 to `count`.
std::vector<std::size_t> draw_blocks(std::size_t count, std::size_t length, base::Random& random);

}  // namespace stats
