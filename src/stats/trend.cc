#include "stats/trend.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "stats/normal.h"
#include "stats/robust.h"
#include "stats/slope_ranks.h"

namespace stats {
namespace {

// An autocorrelation nearer to 1 can't be told from a random walk, in which any trend may be chance.
constexpr double kHighestCorrelation = 0.98;

// The finite values; of too many of them the medians of blocks, each in the middle of its block.
std::vector<Point> points_of(std::span<const double> values) {
  const std::size_t width = (values.size() + kMostTrendValues - 1) / kMostTrendValues;
  std::vector<Point> points;
  points.reserve(std::min(values.size(), kMostTrendValues));
  for (std::size_t i = 0; width == 1 && i < values.size(); ++i) {
    if (std::isfinite(values[i])) points.push_back({static_cast<double>(i), values[i]});
  }
  for (std::size_t begin = 0; width > 1 && begin < values.size(); begin += width) {
    const auto block = values.subspan(begin, std::min(width, values.size() - begin));
    const auto middle = median(block);
    if (middle) points.push_back({static_cast<double>(begin) + static_cast<double>(block.size() - 1) / 2, *middle});
  }
  return points;
}

// The variance of Kendall's statistic for independent values, with groups of equal ones (Kendall 1975).
double kendall_variance(const std::vector<Point>& points) {
  std::vector<double> sorted;
  for (const Point& point : points) sorted.push_back(point.value);
  std::sort(sorted.begin(), sorted.end());
  const auto term = [](double n) { return n * (n - 1) * (2 * n + 5); };
  double sum = term(static_cast<double>(sorted.size()));
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    while (end < sorted.size() && sorted[end] == sorted[begin]) ++end;
    sum -= term(static_cast<double>(end - begin));
    begin = end;
  }
  return sum / 18;
}

// Pairs that rise less pairs that fall.
double kendall_score(const std::vector<Point>& points) {
  std::vector<double> values;
  for (const Point& point : points) values.push_back(point.value);
  std::vector<double> reversed(values.rbegin(), values.rend());
  std::vector<double> scratch(values.size());
  // What rises forwards falls backwards, and equal pairs do neither.
  const std::uint64_t rises = sort_and_count_falls(reversed, scratch);
  const std::uint64_t falls = sort_and_count_falls(values, scratch);
  return static_cast<double>(rises) - static_cast<double>(falls);
}

// Ranks from 1, equal values sharing the mean of theirs.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + end + 1) / 2;
    begin = end;
  }
  return ranks;
}

// Of neighbours; 0 where all values are the same.
double lag_one_correlation(const std::vector<double>& values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double variance = 0;
  double covariance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    variance += (values[i] - mean) * (values[i] - mean);
    if (i > 0) covariance += (values[i] - mean) * (values[i - 1] - mean);
  }
  return variance > 0 ? covariance / variance : 0;
}

double inflation_of(const std::vector<Point>& points, double slope) {
  if (points.size() < 4) return 1;
  std::vector<double> residuals;
  for (const Point& point : points) residuals.push_back(point.value - slope * point.step);
  // What rounding leaves of a straight line has no ranks that mean anything.
  const auto [low, high] = std::minmax_element(residuals.begin(), residuals.end());
  const double size = std::max(std::abs(points.front().value), std::abs(points.back().value));
  if (*high - *low <= 1e-9 * size) return 1;
  const auto n = static_cast<double>(points.size());
  const double raw = lag_one_correlation(ranks_of(residuals));
  const double correlation = std::clamp((raw + 2 / n) / std::max(1 - 4 / n, 0.1), 0.0, kHighestCorrelation);
  double sum = 0;
  double power = 1;
  for (double lag = 1; lag < n - 2 && power > 1e-6; ++lag) {
    power *= correlation;
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * power;
  }
  return 1 + 2 * sum / (n * (n - 1) * (n - 2));
}

std::optional<Line> line_through(const std::vector<Point>& points, const SlopeOptions& options) {
  assert(options.confidence > 0 && options.confidence < 1 && options.inflation >= 1);
  if (points.size() < 3) return std::nullopt;
  SlopeRanks slopes(points);
  const auto n = static_cast<double>(points.size());
  const auto pairs = static_cast<double>(slopes.pairs());
  const auto ranked = [&](double rank) {
    return slopes.at(static_cast<std::size_t>(std::clamp(rank, 0.0, pairs - 1)));
  };
  Line line;
  line.slope = ranked(std::floor((pairs - 1) / 2));
  if (slopes.pairs() % 2 == 0) line.slope = std::midpoint(line.slope, ranked(std::ceil((pairs - 1) / 2)));
  // Sen's interval: the slopes that Kendall's rank statistic can't tell from the median.
  const double reach =
      normal_upper_point((1 - options.confidence) / 2) * std::sqrt(options.inflation * n * (n - 1) * (2 * n + 5) / 18);
  line.slope_low = ranked(std::floor((pairs - reach) / 2));
  line.slope_high = ranked(std::ceil((pairs + reach) / 2));

  std::vector<double> offsets;
  for (const Point& point : points) offsets.push_back(point.value - line.slope * point.step);
  line.intercept = *median(offsets);
  return line;
}

}  // namespace

std::optional<Line> theil_sen(std::span<const double> values, const SlopeOptions& options) {
  return line_through(points_of(values), options);
}

double trend_inflation(std::span<const double> values, double slope) { return inflation_of(points_of(values), slope); }

std::optional<MannKendall> mann_kendall(std::span<const double> values) {
  const std::vector<Point> points = points_of(values);
  if (points.size() < 4) return std::nullopt;
  const double score = kendall_score(points);
  MannKendall result;
  result.count = points.size();
  result.tau = score / (static_cast<double>(points.size()) * static_cast<double>(points.size() - 1) / 2);
  result.inflation = inflation_of(points, line_through(points, {})->slope);
  const double variance = result.inflation * kendall_variance(points);
  if (!(variance > 0)) return result;
  const auto deviate = [&](double corrected) { return corrected / std::sqrt(variance); };
  result.z = score == 0 ? 0 : deviate(score - std::copysign(1.0, score));
  // Each tail includes what was observed.
  result.p_rise = normal_upper_tail(deviate(score - 1));
  result.p_fall = normal_upper_tail(deviate(-score - 1));
  return result;
}

double chance_of_rises(std::span<const double> values) {
  double rises = 0;
  double falls = 0;
  double previous = std::numeric_limits<double>::quiet_NaN();
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    rises += value > previous;
    falls += value < previous;
    previous = value;
  }
  const double changes = rises + falls;
  double chance = 0;
  for (double k = rises; k <= changes; ++k) {
    chance += std::exp(std::lgamma(changes + 1) - std::lgamma(k + 1) - std::lgamma(changes - k + 1) -
                       changes * std::numbers::ln2);
  }
  return std::min(1.0, chance);
}

std::vector<std::size_t> troughs(std::span<const double> values, double least_fall) {
  assert(least_fall > 0);
  std::vector<std::size_t> found;
  bool falling = false;
  double highest = -std::numeric_limits<double>::infinity();
  std::size_t lowest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    if (!falling) {
      highest = std::max(highest, values[i]);
      falling = highest - values[i] >= least_fall;
      lowest = i;
    } else if (values[i] <= values[lowest]) {
      lowest = i;
    } else if (values[i] - values[lowest] >= least_fall) {
      found.push_back(lowest);
      falling = false;
      highest = values[i];
    }
  }
  if (falling) found.push_back(lowest);
  return found;
}

std::optional<Bend> bend(std::span<const double> values, const SlopeOptions& options) {
  const std::size_t middle = values.size() / 2;
  const auto early = theil_sen(values.first(middle), options);
  auto late = theil_sen(values.subspan(middle), options);
  if (!early || !late) return std::nullopt;
  late->intercept -= late->slope * static_cast<double>(middle);
  Bend result{*early, *late, 1, std::nullopt};
  if (early->slope > 0) {
    result.ratio = late->slope / early->slope;
  } else if (late->slope > 0) {
    result.ratio = std::numeric_limits<double>::infinity();
  }
  constexpr double kLevel = 0.05;
  if (result.ratio <= kLevel) {
    result.steps_to_level = 0;
  } else if (result.ratio < 1) {
    // The middles of the halves are half the series apart, and the slope falls by `ratio` from one to the other. The
    // late one is a quarter of the series before its end.
    const auto steps = static_cast<double>(values.size());
    const double decay = -std::log(result.ratio) / (steps / 2);
    result.steps_to_level = std::max(0.0, std::log(result.ratio / kLevel) / decay - steps / 4);
  }
  return result;
}

}  // namespace stats
