#include "stats/change_points.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>

#include "stats/energy_split.h"
#include "stats/students_t.h"

namespace stats {
namespace {

using Values = std::span<const double>;

struct Moments {
  double count = 0;
  double mean = 0;
  double variance = 0;  // divided by n
};

// In the order in which numpy sums, by eight and by halves: a change of exactly the least magnitude then falls as in
// Otava.
template <typename Term>
double sum_of(std::size_t begin, std::size_t end, const Term& term) {
  constexpr std::size_t kLanes = 8;
  constexpr std::size_t kBlock = 128;
  const std::size_t count = end - begin;
  if (count > kBlock) {
    const std::size_t half = begin + count / 2 / kLanes * kLanes;
    return sum_of(begin, half, term) + sum_of(half, end, term);
  }
  std::size_t i = begin;
  double sum = 0;
  if (count >= kLanes) {
    double lanes[kLanes] = {};
    for (; i < begin + count / kLanes * kLanes; i += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += term(i + lane);
    sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  }
  for (; i < end; ++i) sum += term(i);
  return sum;
}

Moments moments_of(Values values) {
  Moments moments;
  moments.count = static_cast<double>(values.size());
  moments.mean = sum_of(0, values.size(), [&](std::size_t i) { return values[i]; }) / moments.count;
  const auto square = [&](std::size_t i) { return (values[i] - moments.mean) * (values[i] - moments.mean); };
  const double deviation = std::sqrt(sum_of(0, values.size(), square) / moments.count);
  moments.variance = deviation * deviation;
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
  point.pvalue =
      std::isnan(t) ? t : students_t_two_sided(t, degrees);  // nothing changes and nothing scatters: no level ends
  return point;
}

// Splits a window at its greatest distance again and again, for as long as that is significant.
class Splitter {
 public:
  std::vector<std::size_t> split(Values window, double max_pvalue) {
    window_ = window;
    segments_ = {measured(0, window.size())};
    for (std::size_t widest = find_widest(); widest != segments_.size(); widest = find_widest()) {
      const Segment segment = segments_[widest];
      const std::size_t at = segment.begin + segment.best->index;
      if (!(judged(window, segment.begin, at, segment.end).pvalue <= max_pvalue)) break;
      segments_[widest] = measured(segment.begin, at);
      segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(widest) + 1, measured(at, segment.end));
    }
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i < segments_.size(); ++i) found.push_back(segments_[i].begin);
    return found;
  }

 private:
  struct Segment {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<EnergySplit> best;
  };

  Segment measured(std::size_t begin, std::size_t end) { return {begin, end, divider_.divide(window_, begin, end)}; }

  std::size_t first_widest() const {
    std::size_t widest = segments_.size();
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const auto& best = segments_[i].best;
      if (best && (widest == segments_.size() || best->distance > segments_[widest].best->distance)) widest = i;
    }
    return widest;
  }

  // The segment to split next, of equal ones the first; if there is none, how many there are.
  std::size_t find_widest() {
    const std::size_t widest = first_widest();
    if (widest == segments_.size()) return widest;
    const double distance = segments_[widest].best->distance;
    std::vector<Segment*> tied;
    for (Segment& segment : segments_)
      if (segment.best && are_near(segment.best->distance, distance)) tied.push_back(&segment);
    if (tied.size() == 1) return widest;
    for (Segment* const segment : tied)
      if (!segment->best->exact) segment->best = divider_.divide_exactly(window_, segment->begin, segment->end);
    return first_widest();
  }

  Values window_;
  EnergyDivider divider_;
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
