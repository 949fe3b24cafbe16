#include "costagent/analyze/incidents.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

#include "costagent/analyze/parts.h"

namespace costagent {
namespace {

// A bill's days are cut by several clocks; where a drift begins is known to some days only.
constexpr std::chrono::days kDaysApart{2};
constexpr std::chrono::days kMovesApart{7};
// Medians of two weeks scatter less than half as much as days do, a drift's six days together more: what makes the
// deviations of steps, drifts and days one scale.
constexpr double kStepScale = 2.1;
constexpr double kDriftScale = 0.85;

// What a dimension more is worth. Two equal parts that change together surprise by a factor of 1.4 less than their sum.
constexpr double kNarrower = 1.15;
// A hint of a smaller share of what changed than this explains nothing.
constexpr double kLeastShare = 0.2;
// What has at least this part of a change may be its cause by itself.
constexpr double kLargePart = 0.5;
// Two impacts that differ by no more than this part are of the same charges.
constexpr double kSameMoney = 0.05;
// What is explained by a part, or by the whole, is told after it.
constexpr double kExplained = 0.99;
// By so many deviations of the rest two shares must differ to be told apart.
constexpr double kTellsApart = 2;
// The rest scatters by a tenth of the whole at least.
constexpr double kLeastRest = 0.01;

bool moves(const Anomaly& anomaly) {
  return anomaly.kind == AnomalyKind::level_shift || anomaly.kind == AnomalyKind::drift ||
         anomaly.kind == AnomalyKind::vanished_service;
}

double surprise(const Anomaly& anomaly) {
  if (!moves(anomaly)) return anomaly.deviations;
  return anomaly.deviations * (anomaly.kind == AnomalyKind::drift ? kDriftScale : kStepScale);
}

// To more or to less; what is missing in a part is less in the whole.
bool rises(const Anomaly& anomaly) { return anomaly.impact() > 0; }

// Whether slices that are cut otherwise may share all that changed: a service's costs and those of the region it is in.
bool is_same_money(const Anomaly& a, const Anomaly& b) {
  if (a.kind != b.kind || a.start != b.start || a.end != b.end) return false;
  if (std::abs(a.impact() - b.impact()) > kSameMoney * std::abs(a.impact())) return false;
  for (std::size_t i = 0; i < a.dimensions.size(); ++i) {
    const auto at = std::find(b.dimensions.begin(), b.dimensions.end(), a.dimensions[i]);
    if (at != b.dimensions.end() && b.slice[static_cast<std::size_t>(at - b.dimensions.begin())] != a.slice[i])
      return false;
  }
  return true;
}

bool one_story(const Anomaly& a, const Anomaly& b) {
  return a.currency == b.currency && rises(a) == rises(b) &&
         std::chrono::abs(a.start - b.start) <= (moves(a) && moves(b) ? kMovesApart : kDaysApart) &&
         (holds(a, b) || holds(b, a) || is_same_money(a, b));
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
    for (std::size_t k = i + 1; k < found.size() && found[k].start <= found[i].start + kMovesApart; ++k) {
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

double daily(const Anomaly& anomaly, double money) {
  return money / static_cast<double>(std::max<std::int64_t>(1, (anomaly.end - anomaly.start).count()));
}

// Whether the hint is of the anomaly's incident: it holds its slice, or is a part of it and has a share in what
// changed.
bool is_hint_of(const Anomaly& anomaly, const Anomaly& hint) {
  if (!one_story(anomaly, hint)) return false;
  if (!holds(anomaly, hint)) return true;
  return std::abs(daily(hint, hint.impact())) >= kLeastShare * std::abs(daily(anomaly, anomaly.impact()));
}

// Those of the hints, which are in the order of their days, that are of the incident.
void add_hints(Incident& incident, const std::vector<Anomaly>& hints) {
  const std::size_t told = incident.causes.size();
  for (std::size_t i = 0; i < told; ++i) {
    const base::Day from = incident.causes[i].start - kMovesApart;
    const base::Day to = incident.causes[i].start + kMovesApart;
    auto hint = std::lower_bound(hints.begin(), hints.end(), from,
                                 [](const Anomaly& a, base::Day day) { return a.start < day; });
    for (; hint != hints.end() && hint->start <= to; ++hint) {
      if (is_hint_of(incident.causes[i], *hint)) incident.causes.push_back(*hint);
    }
  }
}

bool is_large_part(const Anomaly& part, const Anomaly& whole) {
  return std::abs(daily(part, part.impact())) >= kLargePart * std::abs(daily(whole, whole.impact()));
}

enum class Where { part, whole, unknown };

// Whether the part changed alone or with all of the whole: its share of the change is nearer to all of it, or to its
// share of the usual cost. Where the rest of the whole scatters more than these two differ, nobody can tell.
Where changed_in(const Anomaly& part, const Anomaly& whole) {
  const double change = daily(whole, whole.impact());
  const double usual = daily(whole, whole.expected_cost);
  if (change == 0 || usual == 0 || surprise(part) <= 0 || surprise(whole) <= 0) return Where::unknown;
  const double share = daily(part, part.impact()) / change;
  const double usual_share = std::clamp(daily(part, part.expected_cost) / usual, 0.0, 1.0);
  const double scatter = share * surprise(whole) / surprise(part);  // the part's, in those of the whole
  const double rest = std::sqrt(std::max(kLeastRest, 1 - scatter * scatter)) / surprise(whole);
  if (1 - usual_share < kTellsApart * rest) return Where::unknown;
  return share > (1 + usual_share) / 2 ? Where::part : Where::whole;
}

// A slice and the part of it that changed alone surprise about equally where the rest scatters little: then it was the
// part.
double claim(const Anomaly& anomaly) {
  return surprise(anomaly) * std::pow(kNarrower, static_cast<double>(anomaly.slice.size()));
}

double most_surprise(const Incident& incident) {
  double most = 0;
  for (const Anomaly& anomaly : incident.causes) most = std::max(most, surprise(anomaly));
  return most;
}

// A hint of another kind of change, or of less than half of what is told, doesn't stand for it.
void limit_hints(const std::vector<Anomaly>& causes, std::size_t told, std::vector<double>& claims) {
  for (std::size_t hint = told; hint < causes.size(); ++hint) {
    double most = 0;
    bool stands_for = false;
    for (std::size_t i = 0; i < told; ++i) {
      most = std::max(most, claims[i]);
      stands_for |= moves(causes[i]) == moves(causes[hint]) && is_large_part(causes[hint], causes[i]);
    }
    if (!stands_for) claims[hint] = std::min(claims[hint], kExplained * most);
  }
}

// There is no scatter of what hasn't been: a new service that explains what changed elsewhere comes first.
void raise_new(const std::vector<Anomaly>& causes, std::vector<double>& claims) {
  for (std::size_t added = 0; added < causes.size(); ++added) {
    if (causes[added].kind != AnomalyKind::new_service) continue;
    for (std::size_t i = 0; i < causes.size(); ++i) {
      if (i != added && is_large_part(causes[added], causes[i]))
        claims[added] = std::max(claims[added], claims[i] / kExplained);
    }
  }
}

// The first `told` of the causes are anomalies, the others hints, which say too little of a part.
void rank(Incident& incident, std::size_t told) {
  std::vector<Anomaly>& causes = incident.causes;
  std::vector<double> claims(causes.size());
  std::transform(causes.begin(), causes.end(), claims.begin(), claim);
  const std::vector<double> alone = claims;
  for (std::size_t whole = 0; whole < causes.size(); ++whole) {
    incident.score = std::max(incident.score, causes[whole].score);
    for (std::size_t part = 0; part < causes.size(); ++part) {
      if (causes[part].slice.size() <= causes[whole].slice.size() || !holds(causes[whole], causes[part])) continue;
      const Where where = changed_in(causes[part], causes[whole]);
      if (where == Where::part) claims[whole] = std::min(claims[whole], kExplained * alone[part]);
      if (where == Where::whole && whole < told) claims[part] = std::min(claims[part], kExplained * alone[whole]);
    }
  }
  limit_hints(causes, told, claims);
  raise_new(causes, claims);
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < causes.size(); ++i) order.emplace_back(-claims[i], i);
  std::stable_sort(order.begin(), order.end());
  std::vector<Anomaly> once;
  for (const auto& [ignored, i] : order) {
    const bool stands = std::any_of(once.begin(), once.end(), [&](const Anomaly& other) {
      return other.slice == causes[i].slice && other.dimensions == causes[i].dimensions && other.tag == causes[i].tag;
    });
    if (!stands) once.push_back(causes[i]);
  }
  causes = std::move(once);
}

}  // namespace

std::vector<Incident> incidents_of(std::vector<Anomaly> anomalies, std::vector<Anomaly> hints) {
  auto incidents = grouped(std::move(anomalies));
  std::sort(hints.begin(), hints.end(), [](const Anomaly& a, const Anomaly& b) { return a.start < b.start; });
  for (Incident& incident : incidents) {
    const std::size_t told = incident.causes.size();
    add_hints(incident, hints);
    rank(incident, told);
  }
  std::stable_sort(incidents.begin(), incidents.end(),
                   [](const Incident& a, const Incident& b) { return most_surprise(a) > most_surprise(b); });
  return incidents;
}

std::size_t regular_slices(std::span<const CostSeries> series) {
  return static_cast<std::size_t>(std::count_if(series.begin(), series.end(), is_regular));
}

std::vector<Incident> find_incidents(std::span<const SliceLevel> levels, Period report, Sensitivity sensitivity) {
  std::size_t slices = 0;
  for (const SliceLevel& level : levels) slices += regular_slices(level.series);
  const Thresholds thresholds = thresholds_of(sensitivity, slices);
  Findings found;
  for (const SliceLevel& level : levels) {
    for (const CostSeries& series : level.series) {
      Findings more = look_at(series, level.dimensions, report, thresholds);
      std::move(more.anomalies.begin(), more.anomalies.end(), std::back_inserter(found.anomalies));
      std::move(more.hints.begin(), more.hints.end(), std::back_inserter(found.hints));
    }
  }
  return incidents_of(std::move(found.anomalies), std::move(found.hints));
}

}  // namespace costagent
