#include "stats/change_points.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>

#include "stats/students_t.h"

namespace stats {
namespace {

using Values = std::span<const double>;

struct Candidate {
  std::size_t index = 0;  // within its segment
  double distance = 0;
};

// The split of a segment, and the end of what lies right of it, with the greatest energy distance
//   q(τ, κ) = 2/(m+n) Σ|x−y| − 2m/((m+n)(n−1)) Σ|x−x'| − 2n/((m+n)(m−1)) Σ|y−y'|
// between the n values before τ and the m in [τ, κ); of equal ones the first. With W(a, b) the distances of all pairs
// of [a, b), those across the split are W(0, κ) − W(0, τ) − W(τ, κ), and W(τ, ·) follows from W(τ+1, ·) in one pass.
class Divider {
 public:
  std::optional<Candidate> divide(Values segment) {
    const std::size_t count = segment.size();
    if (count < 2) return std::nullopt;
    from_start_.assign(count + 1, 0);
    for (std::size_t end = 1; end < count; ++end) {
      double sum = 0;
      for (std::size_t i = 0; i < end; ++i) sum += std::abs(segment[i] - segment[end]);
      from_start_[end + 1] = from_start_[end] + sum;
    }
    from_split_.assign(count + 1, 0);
    while (inverse_.size() <= count) inverse_.push_back(1 / static_cast<double>(inverse_.size()));
    Candidate best{0, -1};
    for (std::size_t split = count - 1; split > 0; --split) {
      const double distance = best_end(segment, split);
      if (distance >= best.distance) best = {split, distance};
    }
    if (best.index == 0) return std::nullopt;
    return best;
  }

 private:
  double best_end(Values segment, std::size_t split) {
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

  std::vector<double> from_start_;  // W(0, κ)
  std::vector<double> from_split_;  // W(τ, κ)
  std::vector<double> inverse_{0};  // 1 / k, as dividing takes longer than the rest; of 0 it is never asked but for 0
};

struct Moments {
  double count = 0;
  double mean = 0;
  double variance = 0;  // divided by n
};

Moments moments_of(Values values) {
  Moments moments;
  moments.count = static_cast<double>(values.size());
  for (const double value : values) moments.mean += value / moments.count;
  for (const double value : values) moments.variance += (value - moments.mean) * (value - moments.mean) / moments.count;
  return moments;
}

ChangePoint judged(Values series, std::size_t begin, std::size_t index, std::size_t end) {
  const Moments before = moments_of(series.subspan(begin, index - begin));
  const Moments after = moments_of(series.subspan(index, end - index));
  ChangePoint point{index, before.mean, after.mean, 1};
  const double degrees = before.count + after.count - 2;
  if (degrees <= 0) return point;
  const double pooled = ((before.count - 1) * before.variance + (after.count - 1) * after.variance) / degrees;
  const double t = (before.mean - after.mean) / std::sqrt(pooled * (1 / before.count + 1 / after.count));
  point.pvalue = students_t_two_sided(t, degrees);
  return point;
}

// Splits a window at its greatest distance again and again, for as long as that is significant.
class Splitter {
 public:
  std::vector<std::size_t> split(Values window, double max_pvalue) {
    segments_ = {measured(window, 0, window.size())};
    while (true) {
      std::size_t widest = segments_.size();
      for (std::size_t i = 0; i < segments_.size(); ++i) {
        const auto& candidate = segments_[i].candidate;
        if (candidate && (widest == segments_.size() || candidate->distance > segments_[widest].candidate->distance))
          widest = i;
      }
      if (widest == segments_.size()) break;
      const Segment segment = segments_[widest];
      const std::size_t at = segment.begin + segment.candidate->index;
      if (!(judged(window, segment.begin, at, segment.end).pvalue <= max_pvalue)) break;
      segments_[widest] = measured(window, segment.begin, at);
      segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(widest) + 1, measured(window, at, segment.end));
    }
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i < segments_.size(); ++i) found.push_back(segments_[i].begin);
    return found;
  }

 private:
  struct Segment {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<Candidate> candidate;
  };

  Segment measured(Values window, std::size_t begin, std::size_t end) {
    return {begin, end, divider_.divide(window.subspan(begin, end - begin))};
  }

  Divider divider_;
  std::vector<Segment> segments_;
};

// More points than are wanted, as a window alone may be too short to tell; the merge drops the weak ones.
double first_pass(double max_pvalue) {
  if (max_pvalue < 0.05) return max_pvalue * 10;
  return max_pvalue < 0.5 ? max_pvalue * 2 : max_pvalue;
}

ChangePoint judged_between(Values series, const std::vector<ChangePoint>& points, std::size_t i) {
  const std::size_t begin = i == 0 ? 0 : points[i - 1].index;
  const std::size_t end = i + 1 == points.size() ? series.size() : points[i + 1].index;
  return judged(series, begin, points[i].index, end);
}

std::vector<ChangePoint> weak_points(Values series, const ChangePointOptions& options) {
  std::vector<ChangePoint> points;
  Splitter splitter;
  const double max_pvalue = first_pass(options.max_pvalue);
  for (std::size_t start = 0; start < series.size();) {
    const std::size_t length = std::min(options.window, series.size() - start);
    const auto found = splitter.split(series.subspan(start, length), max_pvalue);
    std::size_t next = start + options.window / 2;
    for (const std::size_t index : found) points.push_back({start + index, 0, 0, 1});
    if (!found.empty()) next = std::max(next, start + found.back());
    start = next;
  }
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  points.erase(
      std::unique(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.index == b.index; }),
      points.end());
  std::vector<ChangePoint> result = points;
  for (std::size_t i = 0; i < points.size(); ++i) result[i] = judged_between(series, points, i);
  return result;
}

void merge(Values series, const ChangePointOptions& options, std::vector<ChangePoint>& points) {
  while (!points.empty()) {
    auto weakest = std::max_element(points.begin(), points.end(),
                                    [](const auto& a, const auto& b) { return a.pvalue < b.pvalue; });
    if (weakest->pvalue < options.max_pvalue) {
      weakest = std::min_element(points.begin(), points.end(),
                                 [](const auto& a, const auto& b) { return a.magnitude() < b.magnitude(); });
      if (weakest->magnitude() > options.min_magnitude) return;
    }
    const auto gone = static_cast<std::size_t>(weakest - points.begin());
    points.erase(weakest);
    for (std::size_t i = gone; i < std::min(gone + 2, points.size()); ++i)
      points[i] = judged_between(series, points, i);
  }
}

// Both ends of a level that is too short go, so that what lies around it is one.
void drop_short_levels(Values series, std::size_t min_length, std::vector<ChangePoint>& points) {
  std::vector<ChangePoint> kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : points[i - 1].index;
    const std::size_t end = i + 1 == points.size() ? series.size() : points[i + 1].index;
    if (points[i].index - begin >= min_length && end - points[i].index >= min_length) kept.push_back(points[i]);
  }
  if (kept.size() == points.size()) return;
  points = kept;
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = judged_between(series, kept, i);
}

}  // namespace

double ChangePoint::magnitude() const {
  const double forward = mean_before == 0 ? 0 : mean_after / mean_before - 1;
  const double backward = mean_after == 0 ? 0 : mean_before / mean_after - 1;
  return std::max(std::abs(forward), std::abs(backward));
}

std::vector<ChangePoint> change_points(Values values, const ChangePointOptions& options) {
  assert(options.window >= 2 && options.window <= kMostChangePointWindow);
  std::vector<double> series;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    series.push_back(values[i]);
    places.push_back(i);
  }
  std::vector<ChangePoint> points = weak_points(series, options);
  merge(series, options, points);
  drop_short_levels(series, options.min_length, points);
  for (ChangePoint& point : points) point.index = places[point.index];
  return points;
}

}  // namespace stats
