#include "stats/sliding_median.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace stats {
namespace {

// Of so few values it is quicker to move one after the other than to find out how many to move at once.
constexpr std::size_t kShort = 64;

// Where the value stands, which is in there. All are looked at, as guessing where to go costs more than so few looks.
std::size_t place_of(const std::vector<double>& ordered, double value) {
  std::size_t at = 0;
  for (const double other : ordered) at += other < value ? 1 : 0;
  return at;
}

}  // namespace

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
  if (ordered_.size() <= kShort) {
    std::size_t at = place_of(ordered_, old);
    for (; at + 1 < ordered_.size() && ordered_[at + 1] < value; ++at) ordered_[at] = ordered_[at + 1];
    for (; at > 0 && ordered_[at - 1] > value; --at) ordered_[at] = ordered_[at - 1];
    ordered_[at] = value;
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
