#include "costagent/analyze/anomalies.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "costagent/analyze/baseline.h"
#include "stats/robust.h"
#include "stats/sliding_median.h"

namespace costagent {
namespace {

constexpr double kLeastDaysWithCharge = 0.6;
constexpr int kGapThatIsZero = 7;
constexpr int kStepWindow = 14;
constexpr int kLeastStepDays = 7;
// The few days on both sides of a step must show most of it: slow growth does not.
constexpr int kEdgeWindow = 5;
constexpr double kLeastEdge = 0.6;
// Steady growth within a quarter is what the days around a step are compared with.
constexpr int kDriftWindow = 91;
constexpr int kLongestReport = 30;
constexpr int kLeastHistory = 14;
// A new service is known by its first week.
constexpr int kFirstDays = 7;
constexpr double kLeastFirstDays = 0.5;

// Of the false incidents that are allowed, how many may be days; the others are steps.
constexpr double kShareOfDays = 0.7;
// The rest is for what the clean years below don't have: months that are new, levels that are no steps.
constexpr double kBudgetKept = 0.75;

// A score beyond this says no more.
constexpr double kLargestScore = 1e6;

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
};

Trimmed trimmed(const CostSeries& series) {
  Trimmed result{series.first, {}, 0};
  const auto charged = [](double value) { return std::isfinite(value); };
  const auto begin = std::find_if(series.cost.begin(), series.cost.end(), charged);
  auto end = std::find_if(series.cost.rbegin(), series.cost.rend(), charged).base();
  if (begin == series.cost.end()) return result;
  result.first += std::chrono::days(begin - series.cost.begin());
  result.with_charge = static_cast<int>(std::count_if(begin, end, charged));
  // What stopped for good at least a week before the series ends went to zero; a shorter silence is a late bill.
  if (series.cost.end() - end >= kGapThatIsZero) end = series.cost.end();
  result.cost.assign(begin, end);
  for (auto at = result.cost.begin(); at != result.cost.end();) {
    const auto gap = std::find_if_not(at, result.cost.end(), charged);
    const auto gap_end = std::find_if(gap, result.cost.end(), charged);
    if (gap_end - gap >= kGapThatIsZero) std::fill(gap, gap_end, 0.0);
    at = gap_end;
  }
  return result;
}

class Finder {
 public:
  Finder(const Trimmed& data, const Baseline& baseline, const Thresholds& thresholds)
      : data_(data), baseline_(baseline), thresholds_(thresholds), days_(static_cast<int>(data.cost.size())) {}

  std::vector<Anomaly> find() {
    find_steps();
    find_days();
    find_missing();
    // Figures hundreds of orders of magnitude apart yield no money that could be named.
    std::erase_if(found_, [](const Anomaly& a) { return !std::isfinite(a.impact()) || !std::isfinite(a.score); });
    std::sort(found_.begin(), found_.end(), [](const Anomaly& a, const Anomaly& b) { return a.start < b.start; });
    return std::move(found_);
  }

 private:
  double score_of(int i) const {
    const auto at = index(i);
    if (!std::isfinite(data_.cost[at]) || baseline_.deviation[at] <= 0) return 0;
    return (data_.cost[at] - baseline_.expected[at]) / baseline_.deviation[at];
  }

  double missing_score(int i) const {
    const double deviation = baseline_.deviation[index(i)];
    return deviation > 0 ? std::abs(baseline_.expected[index(i)]) / deviation : 0;
  }

  Anomaly& add(AnomalyKind kind, int begin, int end, double expected, double score) {
    Anomaly& anomaly = found_.emplace_back();
    anomaly.kind = kind;
    anomaly.start = data_.first + std::chrono::days(begin);
    anomaly.end = data_.first + std::chrono::days(end);
    anomaly.expected_cost = expected;
    anomaly.actual_cost = sum(data_.cost, begin, end);
    anomaly.score = std::min(std::abs(score), kLargestScore);
    return anomaly;
  }

  // The median of the days after each day less that of the days before it, in money; 0 where the data do not tell.
  Costs jumps(int width) const {
    const Costs& cost = baseline_.deseasoned;
    Costs result(cost.size(), 0);
    stats::SlidingMedian left(cost);
    stats::SlidingMedian right(cost);
    for (int i = kLeastStepDays; i + kLeastStepDays <= days_; ++i) {
      const auto before = left.move_to(i - width, i);
      const auto after = right.move_to(i, i + width);
      if (before && after) result[index(i)] = *after - *before;
    }
    return result;
  }

  // How far the level jumps at each day in units of its scatter, drift left out; 0 where it only drifts.
  Costs step_scores() const {
    const Costs wide = jumps(kStepWindow);
    const Costs near = jumps(kEdgeWindow);
    const Costs drift = running_median(wide, kDriftWindow);
    Costs scores(wide.size(), 0);
    for (std::size_t i = 1; i < wide.size(); ++i) {
      const double jump = wide[i] - drift[i];
      const double edge = near[i] - drift[i] * kEdgeWindow / kStepWindow;
      // The scatter of the higher level, or a fall to nothing would be measured by nothing.
      const double deviation = std::max(baseline_.deviation[i], baseline_.deviation[i - 1]);
      if (deviation > 0 && std::isfinite(jump) && edge * jump >= kLeastEdge * jump * jump) scores[i] = jump / deviation;
    }
    return scores;
  }

  // The day near `at` that splits the levels of both sides best, in the sum of absolute distances: the score itself is
  // nearly the same a day earlier or later.
  int sharpest(int at) const {
    const Costs& cost = baseline_.deseasoned;
    const double before = *stats::median(window(cost, at - kStepWindow, at));
    const double after = *stats::median(window(cost, at, at + kStepWindow));
    int best = at;
    double gain = 0;  // of ending the lower side later, or earlier, than at `at`
    for (const int direction : {1, -1}) {
      double sum = 0;
      for (int i = 0; i < kEdgeWindow; ++i) {
        const int day = direction > 0 ? at + i : at - 1 - i;
        if (day < 1 || day + 1 >= days_ || !std::isfinite(cost[index(day)])) break;
        sum += direction * (std::abs(cost[index(day)] - after) - std::abs(cost[index(day)] - before));
        if (sum > gain) {
          gain = sum;
          best = direction > 0 ? day + 1 : day;
        }
      }
    }
    return best;
  }

  void find_steps() {
    Costs scores = step_scores();
    while (true) {
      const auto best =
          std::max_element(scores.begin(), scores.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
      if (std::abs(*best) < thresholds_.step) break;
      const int at = static_cast<int>(best - scores.begin());
      steps_.push_back({sharpest(at), *best});
      // One step is seen from every day whose windows reach over it.
      for (int i = std::max(0, at - kStepWindow); i < std::min(days_, at + kStepWindow); ++i) scores[index(i)] = 0;
    }
    std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const int next = i + 1 < steps_.size() ? steps_[i + 1].at : days_;
      report_step(steps_[i].at, std::min({next, steps_[i].at + kLongestReport, days_}), steps_[i].score);
    }
  }

  void report_step(int begin, int end, double score) {
    const double before = *stats::median(window(baseline_.deseasoned, begin - kStepWindow, begin));
    double expected = 0;
    for (int i = begin; i < end; ++i) {
      // The day's cycle and monthly charge, carried over to the level that there was.
      const auto at = index(i);
      const double unit = baseline_.proportional ? before : baseline_.unit[at];
      const double cycle = baseline_.cycle_at(at);
      if (std::isfinite(data_.cost[at])) expected += before + cycle * unit;
    }
    add(AnomalyKind::level_shift, begin, end, expected, score);
  }

  // Days just around a step differ from a level that follows it a day late: the step has said it.
  bool told_by_step(int begin, int end, double score) const {
    return std::any_of(steps_.begin(), steps_.end(), [&](const Step& step) {
      const bool near = begin < step.at + kLeastStepDays && end > step.at - kLeastStepDays;
      const bool at_edge = begin <= step.at + 1 && end >= step.at - 1;
      return at_edge || (near && (score > 0) == (step.score > 0));
    });
  }

  void find_days() {
    for (int begin = 0; begin < days_;) {
      const double first = score_of(begin);
      int end = begin + 1;
      if (std::abs(first) < thresholds_.day) {
        begin = end;
        continue;
      }
      double score = first;
      for (; end < days_ && std::abs(score_of(end)) >= thresholds_.day && (score_of(end) > 0) == (first > 0); ++end) {
        if (std::abs(score_of(end)) > std::abs(score)) score = score_of(end);
      }
      if (!told_by_step(begin, end, score)) {
        add(first > 0 ? AnomalyKind::spike : AnomalyKind::dip, begin, end, sum(baseline_.expected, begin, end), score);
      }
      begin = end;
    }
  }

  void find_missing() {
    for (int begin = 0; begin < days_;) {
      int end = begin;
      double score = 0;
      for (; end < days_ && !std::isfinite(data_.cost[index(end)]); ++end) score = std::max(score, missing_score(end));
      if (end > begin && score >= thresholds_.day && regular_around(begin, end)) {
        add(AnomalyKind::missing_data, begin, end, sum(baseline_.expected, begin, end), score);
      }
      begin = end + 1;
    }
  }

  // Whether a charge came nearly every day in the two weeks on both sides.
  bool regular_around(int begin, int end) const {
    const auto before = window(data_.cost, begin - kStepWindow, begin);
    const auto after = window(data_.cost, end, end + kStepWindow);
    const auto charged = [](std::span<const double> days) {
      return std::count_if(days.begin(), days.end(), [](double value) { return std::isfinite(value); });
    };
    const auto around = static_cast<double>(before.size() + after.size());
    return static_cast<double>(charged(before) + charged(after)) >= 0.9 * around;
  }

  struct Step {
    int at;
    double score;
  };

  const Trimmed& data_;
  const Baseline& baseline_;
  const Thresholds& thresholds_;
  const int days_;
  std::vector<Step> steps_;
  std::vector<Anomaly> found_;
};

void name(Anomaly& anomaly, const CostSeries& series, const std::vector<Dimension>& dimensions) {
  anomaly.dimensions = dimensions;
  anomaly.slice = series.key;
  anomaly.currency = series.currency;
}

bool within(base::Day day, Period period) { return day >= period.from && day < period.to; }

}  // namespace

Thresholds thresholds_of(Sensitivity sensitivity, std::size_t slices) {
  const double budget =
      kBudgetKept * false_incidents_a_year(sensitivity) / static_cast<double>(std::max<std::size_t>(1, slices));
  const double new_share = sensitivity == Sensitivity::low ? 0.05 : sensitivity == Sensitivity::medium ? 0.01 : 0.002;
  // In 32,000 clean years of noise, week, growth and month-ends a series had exp(1.185 - 2.3 x) days of a score beyond
  // 3 + x, and exp(-0.526 - 4.2 x) steps of one beyond 1.5 + x.
  const double day_log = std::min(1.185, std::log(kShareOfDays * budget));
  const double step_log = std::min(-0.526, std::log((1 - kShareOfDays) * budget));
  return {3 + (1.185 - day_log) / 2.3, 1.5 + (-0.526 - step_log) / 4.2, new_share};
}

bool is_regular(const CostSeries& series) {
  const Trimmed data = trimmed(series);
  return data.with_charge >= kLeastDays &&
         data.with_charge >= kLeastDaysWithCharge * static_cast<double>(data.cost.size()) &&
         std::any_of(data.cost.begin(), data.cost.end(),
                     [&](double value) { return std::isfinite(value) && value != data.cost.front(); });
}

std::vector<Anomaly> find_anomalies(const CostSeries& series, const std::vector<Dimension>& dimensions, Period report,
                                    const Thresholds& thresholds) {
  const Trimmed data = trimmed(series);
  if (data.with_charge < kLeastDaysWithCharge * static_cast<double>(data.cost.size())) return {};
  const auto baseline = baseline_of(data.first, data.cost);
  if (!baseline) return {};
  auto found = Finder(data, *baseline, thresholds).find();
  std::erase_if(found, [&](const Anomaly& anomaly) { return !within(anomaly.start, report); });
  for (Anomaly& anomaly : found) name(anomaly, series, dimensions);
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
  anomaly.score = std::min(daily / deviation, kLargestScore);
  name(anomaly, service, dimensions);
  return anomaly;
}

}  // namespace costagent
