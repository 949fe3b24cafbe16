// How a number is held against its bound.
#pragma once

namespace loadlab {

enum class Comparison { less, less_or_equal, equal, greater_or_equal, greater };

constexpr bool holds(double observed, Comparison comparison, double bound) {
  switch (comparison) {
    case Comparison::less:
      return observed < bound;
    case Comparison::less_or_equal:
      return observed <= bound;
    case Comparison::equal:
      return observed == bound;
    case Comparison::greater_or_equal:
      return observed >= bound;
    case Comparison::greater:
      return observed > bound;
  }
  return false;
}

}  // namespace loadlab
