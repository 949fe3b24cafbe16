#include "stats/energy_split.h"

#include <algorithm>
#include <cmath>

namespace stats {
namespace {

using Values = std::span<const double>;

// Far above what rounding does to sums of some hundred distances, far below what two real distances differ by.
constexpr double kNear = 1e-9;

}  // namespace

bool are_near(double distance, double other) {
  return std::abs(distance - other) <= kNear * std::max(std::abs(distance), std::abs(other));
}

// The distances of pairs across the split are W(0, κ) − W(0, τ) − W(τ, κ), and W(τ, ·) follows from W(τ+1, ·) in one
// pass.
std::optional<EnergySplit> EnergyDivider::divide(Values window, std::size_t begin, std::size_t end) {
  const Values segment = window.subspan(begin, end - begin);
  const std::size_t count = segment.size();
  if (count < 2) return std::nullopt;
  from_start_.assign(count + 1, 0);
  for (std::size_t stop = 1; stop < count; ++stop) {
    double sum = 0;
    for (std::size_t i = 0; i < stop; ++i) sum += std::abs(segment[i] - segment[stop]);
    from_start_[stop + 1] = from_start_[stop] + sum;
  }
  from_split_.assign(count + 1, 0);
  best_.assign(count, -1);
  while (inverse_.size() <= count) inverse_.push_back(1 / static_cast<double>(inverse_.size()));
  EnergySplit found{0, -1, false};
  for (std::size_t split = count - 1; split > 0; --split) {
    best_[split] = best_end(segment, split);
    if (best_[split] >= found.distance) found = {split, best_[split], false};
  }
  if (found.index == 0) return std::nullopt;
  // A distance of about nothing has no more than rounding in it.
  const double scale = from_start_[count] * inverse_[count];
  const auto tied = std::count_if(best_.begin() + 1, best_.end(), [&](double distance) {
    return are_near(distance, found.distance) || std::abs(distance - found.distance) <= kNear * scale;
  });
  return tied > 1 ? divide_exactly(window, begin, end) : found;
}

double EnergyDivider::best_end(Values segment, std::size_t split) {
  const auto left = static_cast<double>(split);
  const double before = from_start_[split];
  const double left_mean = split > 1 ? before / (left - 1) : 0;
  double best = -1;
  double sum = 0;
  for (std::size_t end = split + 1; end <= segment.size(); ++end) {
    sum += std::abs(segment[split] - segment[end - 1]);
    from_split_[end] += sum;
    const double within = from_split_[end];  // 0 for a single value
    const std::size_t count = end - split;
    const auto right = static_cast<double>(count);
    const double right_mean = within * inverse_[count - 1];
    const double across = from_start_[end] - before - within;
    const double distance = 2 * (across - right * left_mean - left * right_mean) * inverse_[end];
    if (distance > best) best = distance;
  }
  return best;
}

// Otava sums the distances to all that lies before a value in the window, takes off those to what lies before the
// segment, and divides each of the three terms by itself.
std::optional<EnergySplit> EnergyDivider::divide_exactly(Values window, std::size_t begin, std::size_t end) {
  const std::size_t count = end - begin;
  if (count < 2) return std::nullopt;
  const Values segment = window.subspan(begin, count);
  from_start_.assign(count, 0);
  for (std::size_t k = 1; k < count; ++k) {
    double all = 0;
    double outside = 0;
    for (std::size_t i = 0; i < begin + k; ++i) {
      if (i == begin) outside = all;
      all += std::abs(window[i] - segment[k]);
    }
    from_start_[k] = from_start_[k - 1] + (all - outside);
  }
  reach_.assign(count, 0);
  from_split_.assign(count + 1, 0);
  best_.assign(count, -1);
  for (std::size_t stop = 2; stop <= count; ++stop) {
    for (std::size_t i = 0; i + 1 < stop; ++i) reach_[i] += std::abs(segment[i] - segment[stop - 1]);
    double sum = 0;
    from_split_[stop - 1] = 0;
    for (std::size_t i = stop - 2; i > 0; --i) from_split_[i] = sum += reach_[i];
    const auto total = static_cast<double>(stop);
    double rows = 0;
    for (std::size_t split = 1; split < stop; ++split) {
      rows += reach_[split - 1];
      const auto left = static_cast<double>(split);
      const double right = total - left;
      const double across = 2 / total * (rows - from_start_[split - 1]);
      const double before = split > 1 ? 2 * right / (total * (left - 1)) * from_start_[split - 1] : 0;
      const double after = right > 1 ? 2 * left / (total * (right - 1)) * from_split_[split] : 0;
      best_[split] = std::max(best_[split], across - before - after);
    }
  }
  const auto greatest = std::max_element(best_.begin() + 1, best_.end());
  if (!(*greatest > -1)) return std::nullopt;
  return EnergySplit{static_cast<std::size_t>(greatest - best_.begin()), *greatest, true};
}

}  // namespace stats
