// By how much a figure differs between a run and earlier ones, and what is known of that difference's scatter, before
// it is judged. For comparison.cc. Pure; all randomness comes from the caller.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "loadlab/judge/comparable.h"
#include "loadlab/judge/seconds.h"

namespace loadlab {

// One figure of one test.
struct Difference {
  std::string test;
  std::string figure;
  bool more_is_better = false;
  bool of_step = false;  // of a load's
  double before = 0;     // of several earlier runs, the mean
  double now = 0;
  double error = 0;  // standard error of now − before; 0 where nothing scatters
  double freedom = 1;
  std::vector<double> draws;  // of the difference's error, in standard errors; none where nothing scatters
};

// What was taken of resampled seconds of a test, or of one of its steps.
struct Resampled {
  Figures figures{};
  std::vector<Figures> draws;
  double freedom = 1;  // stretches that were drawn from, less one
  double variance_lost = 1;
};
struct ResampledTest {
  Resampled whole;
  std::map<std::string, Resampled> steps;
};
// All figures of a draw are of the same seconds. Nothing where `stop` is set before all are drawn.
std::optional<ResampledTest> resample(const MeasuredSeconds& seconds, int resamples, base::Random& random,
                                      const std::atomic<bool>* stop = nullptr);

// Of the figure at that place of kComparedFigures. Nothing where it was not observed in all of them.
std::optional<Difference> difference_of(std::size_t figure, const Resampled& now,
                                        std::span<const Resampled* const> before);

// Of a figure that was measured several times a run: Welch's test (1947) on the repetitions, with what runs differ by
// among themselves added. Each of them has at least kFewestSamples.
Difference difference_of_samples(const std::vector<double>& now, std::span<const std::vector<double>> before,
                                 int resamples, base::Random& random);

// Of a figure that a run has once: a new value as against at least kFewestSamples earlier ones (Student 1908).
Difference difference_of_values(double now, const std::vector<double>& before, int resamples, base::Random& random);

}  // namespace loadlab
