#include "costagent/analyze/anomalies.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "costagent/analyze/baseline.h"
#include "costagent/analyze/level_changes.h"
#include "costagent/analyze/move_spans.h"
#include "costagent/analyze/silences.h"

namespace costagent {
namespace {

constexpr double kLeastDaysWithCharge = 0.6;
constexpr int kAround = 14;
constexpr double kRegular = 0.9;
// Days just around a step differ from a level that follows it a day late.
constexpr int kNearStep = 7;
// A level that climbs for two weeks is caught up with a week later.
constexpr int kNearDrift = 21;
// By how much more a drift climbs in the weeks in which days are near it than in its first.
constexpr double kDriftGoesOn = 4;
// So many days of a bill may be still on their way.
constexpr int kLongestLate = 3;
// What is over within a week is a spike, or a dip.
constexpr int kLongestSpike = 7;
constexpr int kLeastHistory = 14;
// A new service is known by its first week.
constexpr int kFirstDays = 7;
constexpr double kLeastFirstDays = 0.5;
// What has this part of a threshold may be the cause of what is told of a slice that holds it.
constexpr double kHint = 0.55;

// Deviations beyond this say no more.
constexpr double kMostDeviations = 1e6;

using Costs = std::vector<double>;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

double sum(std::span<const double> values, int begin, int end) {
  double result = 0;
  for (int i = begin; i < end; ++i) {
    if (std::isfinite(values[index(i)])) result += values[index(i)];
  }
  return result;
}

std::span<const double> window(const Costs& values, int begin, int end) {
  const int size = static_cast<int>(values.size());
  begin = std::clamp(begin, 0, size);
  end = std::clamp(end, begin, size);
  return std::span(values).subspan(index(begin), index(end - begin));
}

// The series between its first and its last charge, with long gaps as zeros.
struct Trimmed {
  base::Day first;
  Costs cost;
  int with_charge = 0;
  std::vector<bool> silent;    // days on which there is never a charge; empty if there are none
  int stopped_at = -1;         // the first day of the silence that lasts until the series ends; -1 if there is none
  bool ends_the_bill = false;  // whether its last day is the bill's
};

Trimmed trimmed(const CostSeries& series) {
  Trimmed result;
  result.first = series.first;
  const auto charged = [](double value) { return std::isfinite(value); };
  const auto begin = std::find_if(series.cost.begin(), series.cost.end(), charged);
  auto end = std::find_if(series.cost.rbegin(), series.cost.rend(), charged).base();
  if (begin == series.cost.end()) return result;
  result.first += std::chrono::days(begin - series.cost.begin());
  result.with_charge = static_cast<int>(std::count_if(begin, end, charged));
  // What stopped for good at least a week before the series ends went to zero; a shorter silence is a late bill, and a
  // single day is usual.
  const auto silence = series.cost.end() - end;
  if (silence >= kDaysWithoutCosts) result.stopped_at = static_cast<int>(end - begin);
  if (silence > 1) end = series.cost.end();
  result.ends_the_bill = end == series.cost.end();
  result.cost.assign(begin, end);
  for (auto at = result.cost.begin(); at != result.cost.end();) {
    const auto gap = std::find_if_not(at, result.cost.end(), charged);
    const auto gap_end = std::find_if(gap, result.cost.end(), charged);
    if (gap_end - gap >= kDaysWithoutCosts) std::fill(gap, gap_end, 0.0);
    at = gap_end;
  }
  if (result.with_charge < std::ssize(result.cost)) {
    const Silences silences = silences_of(result.first, result.cost, Charging::silent);
    if (silences.any()) {
      for (std::size_t i = 0; i < result.cost.size(); ++i)
        result.silent.push_back(!charged(result.cost[i]) && silences.at(i));
    }
  }
  return result;
}

bool charged_often(const Trimmed& data) {
  const auto silent = std::count(data.silent.begin(), data.silent.end(), true);
  return data.with_charge >= kLeastDaysWithCharge * static_cast<double>(std::ssize(data.cost) - silent);
}

class Finder {
 public:
  Finder(const Trimmed& data, const Baseline& baseline, const Thresholds& thresholds)
      : data_(data), baseline_(baseline), thresholds_(thresholds), days_(static_cast<int>(data.cost.size())) {}

  Findings find() {
    moves_ = level_moves(baseline_, kHint * thresholds_.step, kHint * thresholds_.drift);
    for (LevelMove& move : moves_) move.strength *= kHint;
    spans_ = spans_of(baseline_, moves_);
    for (const MoveSpan& span : spans_) report(span, is_told(span.move) ? found_.anomalies : found_.hints);
    find_days(thresholds_.day, found_.anomalies);
    find_missing(thresholds_.day, found_.anomalies);
    find_days(kHint * thresholds_.day, found_.hints);
    for (auto* list : {&found_.anomalies, &found_.hints}) {
      // Figures hundreds of orders of magnitude apart yield no money that could be named.
      std::erase_if(*list, [](const Anomaly& a) { return !std::isfinite(a.impact()) || !std::isfinite(a.deviations); });
      std::sort(list->begin(), list->end(), [](const Anomaly& a, const Anomaly& b) { return a.start < b.start; });
    }
    return std::move(found_);
  }

 private:
  double deviations_of(int i) const {
    const auto at = index(i);
    if (!std::isfinite(data_.cost[at]) || baseline_.deviation[at] <= 0) return 0;
    return (data_.cost[at] - baseline_.expected[at]) / baseline_.deviation[at];
  }

  // Those of normal noise that are as rare.
  double normal_deviations(int i) const { return as_normal(deviations_of(i), baseline_.noise); }

  double missing_deviations(int i) const {
    const double deviation = baseline_.deviation[index(i)];
    return deviation > 0 ? std::abs(baseline_.expected[index(i)]) / deviation : 0;
  }

  void add(AnomalyKind kind, int begin, int end, double expected, double deviations, std::vector<Anomaly>& list) const {
    Anomaly& anomaly = list.emplace_back();
    anomaly.kind = kind;
    anomaly.start = data_.first + std::chrono::days(begin);
    anomaly.end = data_.first + std::chrono::days(end);
    anomaly.expected_cost = expected;
    anomaly.actual_cost = sum(data_.cost, begin, end);
    anomaly.deviations = std::min(std::abs(deviations), kMostDeviations);
    anomaly.score = score_of(kind, anomaly.deviations, thresholds_.slices);
  }

  static bool is_told(const LevelMove& move) { return std::abs(move.strength) >= 1; }

  AnomalyKind kind_of(const MoveSpan& span) const {
    if (data_.stopped_at >= 0 && std::abs(span.move.at - data_.stopped_at) <= 1) return AnomalyKind::vanished_service;
    if (span.returned && span.end - span.begin <= kLongestSpike)
      return span.move.strength > 0 ? AnomalyKind::spike : AnomalyKind::dip;
    return span.move.drifts ? AnomalyKind::drift : AnomalyKind::level_shift;
  }

  void report(const MoveSpan& span, std::vector<Anomaly>& list) const {
    const LevelMove& move = span.move;
    double expected = 0;
    double most = 0;
    for (int i = span.begin; i < span.end; ++i) {
      const auto at = index(i);
      if (!std::isfinite(data_.cost[at])) continue;
      // The day's cycle and monthly charge, carried over to the level that there was.
      const double unit = baseline_.proportional ? move.before : baseline_.unit[at];
      const double usual = move.before + baseline_.cycle_at(at) * unit;
      expected += usual;
      most = std::max(most, std::abs(data_.cost[at] - usual) / baseline_.deviation[at]);
    }
    const double strength = move.strength * (move.drifts ? thresholds_.drift : thresholds_.step);
    add(kind_of(span), span.begin, span.end, expected, strength, list);
    Anomaly& anomaly = list.back();
    anomaly.score =
        score_of(move.drifts ? AnomalyKind::drift : AnomalyKind::level_shift, std::abs(strength), thresholds_.slices);
    if (anomaly.kind == AnomalyKind::spike || anomaly.kind == AnomalyKind::dip)
      anomaly.deviations = std::min(most, kMostDeviations);
  }

  // Days just around a move differ from a level that follows it late: the move has said it, unless they differ by more
  // than it moved.
  bool told_by_move(int begin, int end, double deviations) const {
    const bool within = std::any_of(spans_.begin(), spans_.end(), [&](const MoveSpan& span) {
      const int late = deviations * span.move.strength > 0 ? 0 : kNearStep;
      return is_told(span.move) && span.returned && begin < span.end + late && end > span.begin;
    });
    return within || std::any_of(moves_.begin(), moves_.end(), [&](const LevelMove& move) {
             if (!is_told(move)) return false;
             const int after = move.drifts ? kNearDrift : kNearStep;
             const bool near = begin < move.at + after && end > move.at - kNearStep;
             const bool at_edge = begin <= move.at + 1 && end >= move.at - 1;
             if (!at_edge && !(near && deviations * move.strength > 0)) return false;
             const double moved = std::abs(move.after - move.before) * (move.drifts ? kDriftGoesOn : 1);
             return std::abs(deviations) - moved / baseline_.deviation[index(begin)] < thresholds_.day;
           });
  }

  void find_days(double threshold, std::vector<Anomaly>& list) const {
    for (int begin = 0; begin < days_;) {
      const double first = normal_deviations(begin);
      int end = begin + 1;
      if (std::abs(first) < threshold) {
        begin = end;
        continue;
      }
      int worst = begin;
      for (;
           end < days_ && std::abs(normal_deviations(end)) >= threshold && (normal_deviations(end) > 0) == (first > 0);
           ++end) {
        if (std::abs(deviations_of(end)) > std::abs(deviations_of(worst))) worst = end;
      }
      const double most = normal_deviations(worst);
      const bool known = std::abs(most) >= thresholds_.day && threshold < thresholds_.day;
      if (!known && !told_by_move(begin, end, most)) add_days(begin, end, worst, list);
      begin = end;
    }
  }

  // Of too little on the last days of a bill it isn't known whether there is more to come.
  void add_days(int begin, int end, int worst, std::vector<Anomaly>& list) const {
    const bool may_be_late = end == days_ && data_.ends_the_bill && end - begin <= kLongestLate;
    const double deviations = deviations_of(worst);
    const AnomalyKind kind = deviations > 0 ? AnomalyKind::spike
                             : may_be_late  ? AnomalyKind::missing_data
                                            : AnomalyKind::dip;
    add(kind, begin, end, sum(baseline_.expected, begin, end), deviations, list);
    list.back().score = score_of(kind, std::abs(normal_deviations(worst)), thresholds_.slices);
  }

  void find_missing(double threshold, std::vector<Anomaly>& list) const {
    for (int begin = 0; begin < days_;) {
      int end = begin;
      int last = begin;  // one past the last day that should have had a charge
      double most = 0;
      double expected = 0;
      for (; end < days_ && !std::isfinite(data_.cost[index(end)]); ++end) {
        if (is_silent(end)) continue;
        if (expected == 0) begin = end;
        last = end + 1;
        most = std::max(most, missing_deviations(end));
        expected += baseline_.expected[index(end)];
      }
      if (last > begin && most >= threshold && regular_around(begin, last))
        add(AnomalyKind::missing_data, begin, last, expected, most, list);
      begin = end + 1;
    }
  }

  bool is_silent(int day) const { return !data_.silent.empty() && data_.silent[index(day)]; }

  // Whether a charge came on nearly every day that should have one in the two weeks on both sides.
  bool regular_around(int begin, int end) const {
    int days = 0;
    int charged = 0;
    for (int i = std::max(0, begin - kAround); i < std::min(days_, end + kAround); ++i) {
      if ((i >= begin && i < end) || is_silent(i)) continue;
      ++days;
      charged += std::isfinite(data_.cost[index(i)]);
    }
    return charged >= kRegular * days;
  }

  const Trimmed& data_;
  const Baseline& baseline_;
  const Thresholds& thresholds_;
  const int days_;
  std::vector<LevelMove> moves_;  // those of hints too
  std::vector<MoveSpan> spans_;
  Findings found_;
};

void name(Anomaly& anomaly, const CostSeries& series, const std::vector<Dimension>& dimensions) {
  anomaly.dimensions = dimensions;
  anomaly.slice = series.key;
  anomaly.currency = series.currency;
}

bool within(base::Day day, Period period) { return day >= period.from && day < period.to; }

}  // namespace

bool is_regular(const CostSeries& series) {
  const Trimmed data = trimmed(series);
  return data.with_charge >= kLeastDays && charged_often(data) &&
         std::any_of(data.cost.begin(), data.cost.end(),
                     [&](double value) { return std::isfinite(value) && value != data.cost.front(); });
}

bool is_charged_seldom(const CostSeries& series) {
  const Trimmed data = trimmed(series);
  return !data.cost.empty() && !charged_often(data);
}

std::vector<Anomaly> find_anomalies(const CostSeries& series, const std::vector<Dimension>& dimensions, Period report,
                                    const Thresholds& thresholds) {
  return look_at(series, dimensions, report, thresholds).anomalies;
}

Findings look_at(const CostSeries& series, const std::vector<Dimension>& dimensions, Period report,
                 const Thresholds& thresholds) {
  const Trimmed data = trimmed(series);
  if (!charged_often(data)) return {};
  const auto baseline = baseline_of(data.first, data.cost);
  if (!baseline) return {};
  Findings found = Finder(data, *baseline, thresholds).find();
  for (auto* list : {&found.anomalies, &found.hints}) {
    std::erase_if(*list, [&](const Anomaly& anomaly) { return !within(anomaly.start, report); });
    for (Anomaly& anomaly : *list) name(anomaly, series, dimensions);
  }
  return found;
}

std::optional<Anomaly> find_new_service(const CostSeries& service, const CostSeries& total,
                                        const std::vector<Dimension>& dimensions, Period report,
                                        const Thresholds& thresholds) {
  const Trimmed data = trimmed(service);
  const Trimmed all = trimmed(total);
  const int days = std::min(kFirstDays, static_cast<int>(data.cost.size()));
  if (days == 0 || !within(data.first, report) || data.first - all.first < std::chrono::days(kLeastHistory)) {
    return std::nullopt;
  }
  // Of the series itself, where a gap is still a gap: what is charged once a month is no new service.
  const auto begin = static_cast<int>((data.first - service.first).count());
  const auto first_days = window(service.cost, begin, begin + days);
  const auto charged = std::count_if(first_days.begin(), first_days.end(), [](double c) { return std::isfinite(c); });
  if (static_cast<double>(charged) < std::max(3.0, kLeastFirstDays * days)) return std::nullopt;

  const auto baseline = baseline_of(all.first, all.cost);
  if (!baseline) return std::nullopt;
  const auto at = index(static_cast<int>((data.first - all.first).count()));
  if (at >= all.cost.size()) return std::nullopt;
  const double daily = sum(data.cost, 0, days) / days;
  const double deviation = baseline->deviation[at];
  if (deviation <= 0 || daily < thresholds.new_share * std::abs(baseline->level[at])) return std::nullopt;

  Anomaly anomaly;
  const int end = std::min(kLongestReport, static_cast<int>(data.cost.size()));
  anomaly.kind = AnomalyKind::new_service;
  anomaly.start = data.first;
  anomaly.end = data.first + std::chrono::days(end);
  anomaly.actual_cost = sum(data.cost, 0, end);
  anomaly.deviations = std::min(daily / deviation, kMostDeviations);
  anomaly.score = score_of(anomaly.kind, anomaly.deviations, thresholds.slices);
  name(anomaly, service, dimensions);
  return anomaly;
}

}  // namespace costagent
