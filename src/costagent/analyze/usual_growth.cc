#include "costagent/analyze/usual_growth.h"

#include <cmath>

#include "costagent/analyze/baseline.h"
#include "stats/robust.h"

namespace costagent {
namespace {

constexpr int kHalfYear = 27;  // weeks
constexpr int kQuarter = 13;
constexpr std::size_t kTellSeasons = 40;
// A season leaves so many times as much of most weeks where half a year is taken together. Of steady growth half a year
// leaves as much as a quarter, within a twentieth.
constexpr double kLeastGain = 1.25;

double typical_distance(std::span<const double> a, const std::vector<double>& b) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < b.size(); ++i) differences.push_back(std::abs(a[i] - b[i]));
  return stats::median(differences).value_or(0);
}

}  // namespace

std::vector<double> usual_growth(std::span<const double> weekly) {
  auto growth = running_median(weekly, kHalfYear);
  if (weekly.size() < kTellSeasons) return growth;
  auto season = running_median(weekly, kQuarter);
  return typical_distance(weekly, growth) > kLeastGain * typical_distance(weekly, season) ? season : growth;
}

}  // namespace costagent
