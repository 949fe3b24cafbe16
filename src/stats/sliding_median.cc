#include "stats/sliding_median.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace stats {

std::optional<double> SlidingMedian::move_to(std::ptrdiff_t begin, std::ptrdiff_t end) {
  const auto size = std::ssize(values_);
  const auto wanted_begin = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(begin, 0, size));
  const auto wanted_end =
      static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(end, static_cast<std::ptrdiff_t>(wanted_begin), size));
  assert(wanted_begin >= begin_ && wanted_end >= end_);
  while (end_ < wanted_end && begin_ < wanted_begin && begin_ < end_) replace(values_[begin_++], values_[end_++]);
  while (end_ < wanted_end) enter(values_[end_++]);
  while (begin_ < wanted_begin) leave(values_[begin_++]);
  if (ordered_.empty()) return std::nullopt;
  const std::size_t middle = ordered_.size() / 2;
  if (ordered_.size() % 2 == 1) return ordered_[middle];
  // Halved before they are added, as the sum of two huge values is not finite.
  return ordered_[middle - 1] / 2 + ordered_[middle] / 2;
}

void SlidingMedian::enter(double value) {
  if (std::isfinite(value)) ordered_.insert(std::upper_bound(ordered_.begin(), ordered_.end(), value), value);
}

void SlidingMedian::replace(double old, double value) {
  if (!std::isfinite(old) || !std::isfinite(value)) {
    enter(value);
    leave(old);
    return;
  }
  const auto from = std::lower_bound(ordered_.begin(), ordered_.end(), old);
  const auto to = std::upper_bound(ordered_.begin(), ordered_.end(), value);
  if (from < to) {
    *std::move(from + 1, to, from) = value;
  } else {
    std::move_backward(to, from, from + 1);
    *to = value;
  }
}

void SlidingMedian::leave(double value) {
  if (std::isfinite(value)) ordered_.erase(std::lower_bound(ordered_.begin(), ordered_.end(), value));
}

}  // namespace stats
