#include "costagent/analyze/noise.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "stats/students_t.h"

namespace costagent {
namespace {

constexpr int kLeastDays = 42;
constexpr double kClip = 2.5;
// Beyond so many deviations a day counts for the tail, by what it lies beyond.
constexpr double kTail = 2;
// What is to be found would else be taken for what the noise is like: a fortnight, which is as long as most of it
// lasts, counts for no more than this, and the wildest one for nothing.
constexpr int kFortnight = 14;
constexpr double kMostBeyond = 2;
constexpr double kMostProducts = 10;

struct Point {
  double x;
  double y;
};

// By simulation of 500 series of 425 days each, whose level, week and scatter were estimated as of any other: the
// correlation of neighbours in AR(1) noise of 0, 0.1 … 0.8, and how much more the medians of two weeks and the ramps of
// six days scattered. The level follows what lasts, so that the correlations look smaller than they are.
constexpr Point kInertia[] = {{-0.044, 1},   {0.04, 1.08},  {0.117, 1.17}, {0.19, 1.29}, {0.261, 1.43},
                              {0.319, 1.58}, {0.368, 1.83}, {0.404, 2.2},  {0.426, 2.85}};
constexpr double kCorrelationError = 1;  // times 1 / √days

// The same of Student's t with 30, 15, 10, 8, 6, 5, 4, 3 and 2.5 degrees of freedom: the mean beyond the tail's
// beginning and the inverse of the degrees, and that and the deviation in which they are estimated, in units of t.
constexpr Point kHeaviness[] = {{0.0189, 0},     {0.0223, 1 / 30.}, {0.0248, 1 / 15.}, {0.0283, 0.1},
                                {0.0322, 0.125}, {0.0375, 1 / 6.},  {0.0419, 0.2},     {0.0488, 0.25},
                                {0.059, 1 / 3.}, {0.0726, 0.4}};
constexpr double kTailError = 0.116;  // times 1 / √days
constexpr Point kUnit[] = {{0, 0.97},       {1 / 30., 0.99}, {1 / 15., 1.021}, {0.1, 1.045},    {0.125, 1.066},
                           {1 / 6., 1.101}, {0.2, 1.12},     {0.25, 1.163},    {1 / 3., 1.235}, {0.4, 1.294}};

// Between the points by straight lines, before and after them by the first and the last.
template <std::size_t count>
double interpolated(const Point (&points)[count], double x) {
  const Point* above = std::find_if(std::begin(points), std::end(points), [&](const Point& p) { return p.x >= x; });
  if (above == std::begin(points)) return points[0].y;
  if (above == std::end(points)) return points[count - 1].y;
  const Point& below = *(above - 1);
  return std::lerp(below.y, above->y, (x - below.x) / (above->x - below.x));
}

// The estimate if it lies two errors above what independent normal days have, and that if it lies within one.
double sure(double estimate, double usual, double error) {
  return usual + (estimate - usual) * std::clamp((estimate - usual) / error - 1, 0.0, 1.0);
}

}  // namespace

Noise noise_of(std::span<const double> deviations) {
  double products = 0;
  double squares = 0;
  double beyond = 0;
  double wildest = 0;
  double days = 0;
  double before = 0;  // 0 after a gap
  for (std::size_t begin = 0; begin < deviations.size(); begin += kFortnight) {
    double products_here = 0;
    double beyond_here = 0;
    for (const double value : deviations.subspan(begin, std::min<std::size_t>(kFortnight, deviations.size() - begin))) {
      if (!std::isfinite(value)) {
        before = 0;
        continue;
      }
      const double clipped = std::clamp(value, -kClip, kClip);
      products_here += clipped * before;
      squares += clipped * clipped;
      beyond_here += std::max(std::abs(value) - kTail, 0.0);
      days += 1;
      before = clipped;
    }
    products += std::clamp(products_here, -kMostProducts, kMostProducts);
    beyond += std::min(beyond_here, kMostBeyond);
    wildest = std::max(wildest, std::min(beyond_here, kMostBeyond));
  }
  if (days < kLeastDays || squares <= 0) return {};
  const double root = 1 / std::sqrt(days);
  return {interpolated(kInertia, sure(products / squares, kInertia[0].x, kCorrelationError * root)),
          interpolated(kHeaviness, sure((beyond - wildest) / (days - kFortnight), kHeaviness[0].x, kTailError * root))};
}

double chance_of_day(double deviations, const Noise& noise) {
  if (noise.heaviness <= 0) return 0;
  return stats::students_t_two_sided(deviations * interpolated(kUnit, noise.heaviness), 1 / noise.heaviness);
}

}  // namespace costagent
