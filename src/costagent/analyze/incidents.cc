#include "costagent/analyze/incidents.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

namespace costagent {
namespace {

// A bill's days are cut by several clocks; a drift's step is dated to some day of it.
constexpr std::chrono::days kDaysApart{2};
constexpr std::chrono::days kStepsApart{6};
// Medians of two weeks scatter less than half as much as days do: what makes the scores of steps and days one scale.
constexpr double kStepScale = 2.1;

// What a dimension more is worth. Two equal parts that change together surprise by a factor of 1.4 less than their sum.
constexpr double kNarrower = 1.15;

double surprise(const Anomaly& anomaly) {
  return anomaly.kind == AnomalyKind::level_shift ? kStepScale * anomaly.score : anomaly.score;
}

// To more or to less; what is missing in a part is less in the whole.
bool rises(const Anomaly& anomaly) { return anomaly.impact() > 0; }

// Whether all that tells the one slice tells the other as well.
bool holds(const Anomaly& whole, const Anomaly& part) {
  if (whole.dimensions.size() > part.dimensions.size()) return false;
  for (std::size_t i = 0; i < whole.dimensions.size(); ++i) {
    const auto at = std::find(part.dimensions.begin(), part.dimensions.end(), whole.dimensions[i]);
    if (at == part.dimensions.end()) return false;
    if (part.slice[static_cast<std::size_t>(at - part.dimensions.begin())] != whole.slice[i]) return false;
  }
  return true;
}

bool one_story(const Anomaly& a, const Anomaly& b) {
  const bool steps = a.kind == AnomalyKind::level_shift && b.kind == AnomalyKind::level_shift;
  return a.currency == b.currency && rises(a) == rises(b) &&
         std::chrono::abs(a.start - b.start) <= (steps ? kStepsApart : kDaysApart) && (holds(a, b) || holds(b, a));
}

// Sets that grow together (Galler and Fischer 1964).
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }

  std::size_t of(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[of(a)] = of(b); }

 private:
  std::vector<std::size_t> parent_;
};

std::vector<Incident> grouped(std::vector<Anomaly> found) {
  std::sort(found.begin(), found.end(), [](const Anomaly& a, const Anomaly& b) { return a.start < b.start; });
  Sets sets(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t k = i + 1; k < found.size() && found[k].start <= found[i].start + kStepsApart; ++k) {
      if (one_story(found[i], found[k])) sets.join(i, k);
    }
  }
  std::map<std::size_t, Incident> incidents;
  for (std::size_t i = 0; i < found.size(); ++i) incidents[sets.of(i)].causes.push_back(std::move(found[i]));
  std::vector<Incident> result;
  result.reserve(incidents.size());
  for (auto& [set, incident] : incidents) result.push_back(std::move(incident));
  return result;
}

// A slice and the part of it that changed alone surprise about equally where the rest scatters little: then it was the
// part.
double claim(const Anomaly& anomaly) {
  return surprise(anomaly) * std::pow(kNarrower, static_cast<double>(anomaly.dimensions.size()));
}

void rank(Incident& incident) {
  std::stable_sort(incident.causes.begin(), incident.causes.end(),
                   [](const Anomaly& a, const Anomaly& b) { return claim(a) > claim(b); });
  std::vector<Anomaly> once;
  for (Anomaly& anomaly : incident.causes) {
    const bool stands = std::any_of(once.begin(), once.end(), [&](const Anomaly& other) {
      return other.slice == anomaly.slice && other.dimensions == anomaly.dimensions;
    });
    if (!stands) once.push_back(std::move(anomaly));
  }
  incident.causes = std::move(once);
}

}  // namespace

std::vector<Incident> incidents_of(std::vector<Anomaly> anomalies) {
  auto incidents = grouped(std::move(anomalies));
  for (Incident& incident : incidents) rank(incident);
  std::stable_sort(incidents.begin(), incidents.end(),
                   [](const Incident& a, const Incident& b) { return surprise(a.cause()) > surprise(b.cause()); });
  return incidents;
}

std::size_t regular_slices(std::span<const CostSeries> series) {
  return static_cast<std::size_t>(std::count_if(series.begin(), series.end(), is_regular));
}

std::vector<Incident> find_incidents(std::span<const SliceLevel> levels, Period report, Sensitivity sensitivity) {
  std::size_t slices = 0;
  for (const SliceLevel& level : levels) slices += regular_slices(level.series);
  const Thresholds thresholds = thresholds_of(sensitivity, slices);
  std::vector<Anomaly> found;
  for (const SliceLevel& level : levels) {
    for (const CostSeries& series : level.series) {
      auto more = find_anomalies(series, level.dimensions, report, thresholds);
      std::move(more.begin(), more.end(), std::back_inserter(found));
    }
  }
  return incidents_of(std::move(found));
}

}  // namespace costagent
