// Bounds from past errors, by steps ahead. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "costagent/analyze/sum_errors.h"

namespace costagent {

struct ErrorPrior {
  double scatter = 0;   // of the values around their middle, in the errors' unit: what is known without any forecast
  double optimism = 1;  // by how much past errors look too small
  double values = 0;    // how many the whole rests on
  bool intermittent = false;
};

// Errors grow with the steps ahead, and neighbours of one origin err alike: the shape of their distribution is taken
// from all of them together, its size step by step, never shrinking with the steps. Few independent errors say little
// of tails, so bounds are widened as Student's t is for as many.
class ConformalErrors {
 public:
  // Steps ahead, ascending, at which errors are added.
  explicit ConformalErrors(std::vector<std::size_t> knots) : knots_(std::move(knots)), errors_(knots_.size()) {}

  // Origins come in ascending order; of each, any knots in ascending order.
  void begin_origin() { ++origins_; }
  void add(std::size_t knot, double error) { errors_[knot].push_back(error); }

  // Called once, after all errors.
  void settle(const ErrorPrior& prior);

  // What is added to a forecast as nearly all past ones were off in the same direction; 0 where they weren't.
  double lean(std::size_t ahead) const { return shape_.lean * size_at(ahead); }
  // What is added to a forecast that leans for its bounds; low ones are 0 or less, high ones 0 or more.
  Bounds around(std::size_t ahead) const;

 private:
  struct Shape {
    double lean = 0;
    double low_80 = -1;
    double high_80 = 1;
    double low_95 = -1.53;
    double high_95 = 1.53;
  };

  void set_sizes(const ErrorPrior& prior);
  void set_shape(const ErrorPrior& prior);
  std::size_t knot_of(std::size_t ahead) const;  // the first that isn't before it, or the last
  double size_at(std::size_t ahead) const;

  std::vector<std::size_t> knots_;
  std::vector<std::vector<double>> errors_;
  std::size_t origins_ = 0;
  std::vector<double> sizes_;        // by knot: 80 % of errors are smaller
  std::vector<double> widening_80_;  // by knot
  std::vector<double> widening_95_;
  Shape shape_;
};

// By which power of the level its changes from one value to the next grow: 1 in proportion (which is assumed where the
// level hardly changes), 0 not at all. Levels are positive; shapes are the same, and NaN is a gap.
double power_of_level(std::span<const double> changes, std::span<const double> levels);

// By how much errors of sums of `steps` values from `origins` overlapping origins are widened.
double widening_of_sums(std::size_t origins, std::size_t steps);

}  // namespace costagent
