#include "costagent/analyze/level_changes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "costagent/analyze/usual_growth.h"
#include "stats/robust.h"
#include "stats/sliding_median.h"

namespace costagent {
namespace {

constexpr int kWindow = 14;
constexpr int kLeastSide = 7;
// From the middle of the two weeks before a day to that day.
constexpr double kMiddle = 0.5 * (kWindow + 1);
// The few days on both sides of a step must show most of it: slow growth does not.
constexpr int kEdgeWindow = 5;
constexpr double kLeastEdge = 0.6;
// So many of the pairs of a day before and a day after differ the same way: of a step of two deviations and a half, 96
// in 100.
constexpr double kLeastBeyond = 0.85;
// Growth is looked at once a week. What is nearly off grows by no percentage that says anything.
constexpr double kLeastLevel = 0.01;
constexpr int kGrowthStep = 7;

// Of days that err by themselves the level seems to jump by a third of a deviation in the median, and by half of one in
// one year of a hundred. Ramps of a level that wanders stand out further than its steps. So many days tell.
constexpr double kMostOfSteps = 0.42;
constexpr double kMostOfRamps = 0.32;
constexpr int kTellsRestlessness = 90;

// A drift is told by its sixth day.
constexpr int kRampDays = 6;
// Without its two wildest days a drift still stands out this much: two days alone are a spike.
constexpr double kLeastOthers = 1.5;
// Those that a drift has raised beyond the days before it.
constexpr int kLastDays = 4;
// What falls back on the last of them to less than this part of the wildest day is no drift.
constexpr double kLeastLast = 0.4;
// By how much heavy tails widen the scatter of ramps: by a fifth with four degrees of freedom, by simulation.
constexpr double kHeavyRamp = 0.8;

// The days that tell a step from a drift, and on which they may begin, around the day that a move was found by: the
// middle of a step's windows, or the first of a ramp's six days, which it stands out on before its beginning or after.
struct Around {
  int begin;
  int end;
  int first_step;
  int last_step;
  int first_ramp;
  int last_ramp;
};
constexpr Around kAroundStep{-12, 5, -5, 4, -10, 1};
constexpr Around kAroundRamp{-12, 10, -6, 5, -6, 5};
// Four days tell a ramp from noise; and as a step is more usual, a ramp must leave this much less, in deviations.
constexpr int kLeastRamp = 4;
constexpr double kLessLeft = 1;
// One move is seen from every day whose windows reach over it.
constexpr int kSeenFrom = 14;
constexpr int kDriftSeenFor = 21;

using Costs = std::vector<double>;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

class Moves {
 public:
  explicit Moves(const Baseline& baseline)
      : cost_(baseline.deseasoned),
        deviation_(baseline.deviation),
        level_(baseline.level),
        proportional_(baseline.proportional),
        typical_(baseline.typical),
        days_(static_cast<int>(cost_.size())),
        step_scale_(baseline.noise.inertia),
        ramp_scale_(baseline.noise.inertia * (1 + kHeavyRamp * baseline.noise.heaviness)) {
    inverse_.reserve(deviation_.size());
    for (const double unit : deviation_) {
      inverse_.push_back(1 / unit);
      squares_.push_back(squares_.back() + unit * unit);
    }
    set_medians();
    set_growth();
    const double restlessness = restlessness_of_level();
    step_scale_ *= std::max(1.0, restlessness / kMostOfSteps);
    ramp_scale_ *= std::max(1.0, restlessness / kMostOfRamps);
  }

  std::vector<LevelMove> find(double step_threshold, double drift_threshold) {
    Costs steps = step_scores(step_threshold);
    Costs ramps = ramp_scores(drift_threshold);
    std::vector<LevelMove> moves;
    while (true) {
      const auto [step, step_size] = largest(steps, step_threshold);
      const auto [ramp, ramp_size] = largest(ramps, drift_threshold);
      if (std::max(step_size, ramp_size) < 1) break;
      const bool by_step = step_size >= ramp_size;
      const int found_at = by_step ? step : ramp;
      double& score = (by_step ? steps : ramps)[index(found_at)];
      LevelMove move = judged(found_at, by_step ? kAroundStep : kAroundRamp);
      move.strength = score / (by_step ? step_threshold : drift_threshold);
      const bool told = std::any_of(moves.begin(), moves.end(), [&](const LevelMove& m) { return m.at == move.at; });
      if (!told) moves.push_back(move);
      score = 0;
      clear(steps, std::min(move.at, found_at) - kSeenFrom, std::max(move.at, found_at) + kSeenFrom, move.strength);
      clear(ramps, move.at - kSeenFrom, move.at + (move.drifts ? kDriftSeenFor : kSeenFrom), move.strength);
    }
    std::sort(moves.begin(), moves.end(), [](const LevelMove& a, const LevelMove& b) { return a.at < b.at; });
    return moves;
  }

 private:
  // The median of the two weeks before each day and, from day 14 on, that of the two weeks from day i - 14.
  void set_medians() {
    medians_.assign(index(days_ + kWindow), 0);
    has_median_.assign(medians_.size(), false);
    stats::SlidingMedian window(cost_);
    for (int i = kLeastSide; i < days_ + kWindow; ++i) {
      if (const auto median = window.move_to(i - kWindow, i)) {
        medians_[index(i)] = *median;
        has_median_[index(i)] = true;
      }
    }
  }

  // What level grows by in two weeks, where nothing happens.
  void set_growth() {
    jumps_.assign(index(days_), 0);
    for (int i = kLeastSide; i + kLeastSide <= days_; ++i) {
      if (has_median_[index(i)] && has_median_[index(i + kWindow)])
        jumps_[index(i)] = medians_[index(i + kWindow)] - medians_[index(i)];
    }
    // What grows by as much a month in percent is as usual as what does in money.
    const auto unit = [&](int i) { return proportional_ ? std::max(level_[index(i)], kLeastLevel * typical_) : 1.0; };
    Costs weekly;
    for (int i = 0; i < days_; i += kGrowthStep) weekly.push_back(jumps_[index(i)] / unit(i));
    weekly = usual_growth(weekly);
    growth_.reserve(index(days_));
    for (int i = 0; i < days_; ++i) growth_.push_back(weekly[index(i / kGrowthStep)] * unit(i));
  }

  // By how many deviations the level jumps at most times; 0 of a short past. What wanders all year is nowhere news.
  double restlessness_of_level() const {
    Costs sizes;
    for (int i = kWindow; i + kWindow <= days_; ++i) {
      const double unit = step_scale_ * step_deviation(i);
      if (unit > 0) sizes.push_back(std::abs(jumps_[index(i)] - growth_at(i)) / unit);
    }
    return std::ssize(sizes) < kTellsRestlessness ? 0 : stats::median(sizes).value_or(0);
  }

  double growth_at(int day) const { return growth_[index(day)]; }

  // The root mean square of the deviations of the days [begin, end): a quiet weekend says little of the days around it.
  double typical_deviation(int begin, int end) const {
    begin = std::clamp(begin, 0, days_);
    end = std::clamp(end, begin, days_);
    return end > begin ? std::sqrt((squares_[index(end)] - squares_[index(begin)]) / (end - begin)) : 0;
  }

  // The scatter of the higher level, or a fall to nothing would be measured by nothing.
  double step_deviation(int i) const {
    return std::max(typical_deviation(i - kWindow, i), typical_deviation(i, i + kWindow));
  }

  std::optional<double> median(int begin, int end) const {
    begin = std::clamp(begin, 0, days_);
    end = std::clamp(end, begin, days_);
    return stats::median(std::span(cost_).subspan(index(begin), index(end - begin)));
  }

  // How far the level jumps at each day in deviations, growth left out; 0 where it only drifts, or below the threshold.
  Costs step_scores(double threshold) const {
    Costs scores(index(days_), 0);
    for (int i = std::max(1, kLeastSide); i + kLeastSide <= days_; ++i) {
      const double jump = jumps_[index(i)] - growth_at(i);
      const double unit = step_scale_ * step_deviation(i);
      if (!(unit > 0) || !(std::abs(jump) >= threshold * unit) || !std::isfinite(jump)) continue;
      const auto before = median(i - kEdgeWindow, i);
      const auto after = median(i, i + kEdgeWindow);
      if (!before || !after) continue;
      const double edge = *after - *before - growth_at(i) * kEdgeWindow / kWindow;
      if (edge * jump >= kLeastEdge * jump * jump && is_beyond(i, i, i + kWindow, jump)) scores[index(i)] = jump / unit;
    }
    return scores;
  }

  // Whether nearly every one of the days [from, to) lies beyond nearly every one of the two weeks before day `at` (the
  // statistic of Mann and Whitney 1947), as where the level has changed; those of a workload that is now on and now off
  // do not.
  bool is_beyond(int at, int from, int to, double sign) const {
    const double a_day = growth_at(at) / kWindow;
    int pairs = 0;
    int beyond = 0;
    for (int i = std::max(0, at - kWindow); i < at; ++i) {
      for (int k = from; k < std::min(to, days_); ++k) {
        const double difference = cost_[index(k)] - cost_[index(i)] - a_day * (k - i);
        if (std::isnan(difference)) continue;
        ++pairs;
        beyond += difference * sign > 0;
      }
    }
    return beyond >= kLeastBeyond * pairs;
  }

  // Day `i` without the level of the two weeks before day `from` and what it has grown since.
  double above(int from, int i) const {
    const double days = i - from + kMiddle;
    return cost_[index(i)] - medians_[index(from)] - growth_at(from) * days / kWindow;
  }

  // The signal-to-noise ratio of a ramp that begins at each day (North 1943: the filter matched to it). Of the days
  // that see the same one only the first has a score: the largest of theirs.
  Costs ramp_scores(double threshold) const {
    Costs scores(index(days_), 0);
    int first = -1;  // of the run
    int last = -1;
    const auto end_run = [&] {
      // A single day that sees it has two wild days at the end of its six, unless there are no more.
      if (first >= 0 && last == first && last + kRampDays < days_) scores[index(first)] = 0;
      first = -1;
    };
    for (int from = kLeastSide; from + kRampDays <= days_; ++from) {
      if (!has_median_[index(from)]) continue;
      const double score = ramp_score(from, threshold);
      if (!std::isfinite(score) || std::abs(score) < threshold) continue;
      if (first < 0 || from - last > 2 || scores[index(first)] * score < 0) {
        end_run();
        first = from;
      }
      last = from;
      double& most = scores[index(first)];
      if (std::abs(score) > std::abs(most)) most = score;
    }
    end_run();
    return scores;
  }

  // The mean of the middle half of the two weeks before a day: it scatters by a seventh less than their median.
  double midmean_before(int day) const {
    std::array<double, kWindow> days{};
    std::size_t count = 0;
    for (int i = std::max(0, day - kWindow); i < day; ++i) {
      if (std::isfinite(cost_[index(i)])) days[count++] = cost_[index(i)];
    }
    std::sort(days.begin(), days.begin() + static_cast<std::ptrdiff_t>(count));
    const std::size_t cut = count / 4;
    return std::accumulate(days.begin() + static_cast<std::ptrdiff_t>(cut),
                           days.begin() + static_cast<std::ptrdiff_t>(count - cut), 0.0) /
           static_cast<double>(count - 2 * cut);
  }

  // 0 if it is below the threshold.
  double ramp_score(int from, double threshold) const {
    std::array<double, kRampDays> days{};  // in deviations
    double sum = 0;
    double norm = 0;
    double lever = 0;  // of the level
    int seen = 0;
    const double growth = growth_at(from) / kWindow;
    const double level = medians_[index(from)] + growth * kMiddle;
    const double before = 1 / typical_deviation(from - kWindow, from);
    const auto distance_of = [&](int i) {
      const double per_unit = std::min(inverse_[index(from + i)], before);
      return (cost_[index(from + i)] - level - growth * i) * per_unit;
    };
    // A sum of six weights is no more than √6 of their norm, and no day is larger than the last one allows.
    if (std::abs(distance_of(kRampDays - 1)) * std::sqrt(kRampDays) < kLeastLast * threshold * ramp_scale_) return 0;
    for (int i = 0; i < kRampDays; ++i) {
      const double per_unit = std::min(inverse_[index(from + i)], before);
      const double distance = distance_of(i);
      if (!std::isfinite(distance)) continue;
      days[index(seen++)] = distance;
      const double weight = (i + 1) * per_unit;
      sum += weight * distance;
      norm += weight * weight;
      lever += weight * per_unit;
    }
    if (seen + 1 < kRampDays) return 0;
    const double sign = sum > 0 ? 1 : -1;
    double first = 0;
    double second = 0;
    double others = 0;
    for (int i = 0; i < seen; ++i) {
      const double size = sign * days[index(i)];
      others += size;
      if (size > first) {
        second = std::exchange(first, size);
      } else {
        second = std::max(second, size);
      }
    }
    if (others - first - second < kLeastOthers * std::sqrt(seen - 2.0)) return 0;
    if (sign * days[index(seen - 1)] < kLeastLast * first) return 0;
    if (!is_beyond(from, from + kRampDays - kLastDays, from + kRampDays, sign)) return 0;
    sum -= lever * (midmean_before(from) - medians_[index(from)]);
    return sum / std::sqrt(norm) / ramp_scale_;
  }

  static std::pair<int, double> largest(const Costs& scores, double threshold) {
    const auto best =
        std::max_element(scores.begin(), scores.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    if (best == scores.end()) return {0, 0.0};
    return {static_cast<int>(best - scores.begin()), std::abs(*best) / threshold};
  }

  void clear(Costs& scores, int begin, int end, double like) const {
    for (int i = std::max(0, begin); i < std::min(days_, end); ++i) {
      if (scores[index(i)] * like > 0) scores[index(i)] = 0;
    }
  }

  struct Fit {
    int at = 0;
    double loss = std::numeric_limits<double>::infinity();
  };

  // What a step or a ramp from day `at` leaves of the days [begin, end), in money: a weekend scatters less, but what of
  // a change it has is less sure.
  double loss(int at, int begin, int end, bool ramp) const {
    if (!has_median_[index(at)]) return std::numeric_limits<double>::infinity();
    std::vector<std::pair<double, double>> slopes;  // with their weights: the size of least absolute distances
    double weights = 0;
    double sum = 0;
    for (int i = begin; i < end; ++i) {
      const double distance = above(at, i);
      if (!std::isfinite(distance)) continue;
      if (i < at) {
        sum += std::abs(distance);
        continue;
      }
      const double days = ramp ? i - at + 1 : 1;
      slopes.emplace_back(distance / days, days);
      weights += days;
    }
    std::sort(slopes.begin(), slopes.end());
    double size = 0;
    double passed = 0;
    for (const auto& [slope, weight] : slopes) {
      size = slope;
      passed += weight;
      if (passed >= weights / 2) break;
    }
    for (const auto& [slope, weight] : slopes) sum += weight * std::abs(slope - size);
    return sum;
  }

  LevelMove judged(int found_at, const Around& around) const {
    const int begin = std::max(0, found_at + around.begin);
    const int end = std::min(days_, found_at + around.end);
    Fit step;
    Fit ramp;
    const auto look = [&](Fit& fit, int at, bool as_ramp) {
      if (at < kLeastSide || at >= end) return;
      const double left = loss(at, begin, end, as_ramp);
      if (left < fit.loss) fit = {at, left};
    };
    for (int at = found_at + around.first_step; at <= found_at + around.last_step; ++at) look(step, at, false);
    const int last_ramp = std::min(found_at + around.last_ramp, end - kLeastRamp);
    for (int at = found_at + around.first_ramp; at <= last_ramp; ++at) look(ramp, at, true);
    const double unit = *std::max_element(deviation_.begin() + begin, deviation_.begin() + end);
    const bool drifts = ramp.loss < step.loss - kLessLeft * unit;
    int at = drifts ? ramp.at : step.at;
    if (!std::isfinite(std::min(ramp.loss, step.loss))) at = std::max(found_at, kLeastSide);
    const double before = medians_[index(at)];
    return {at, drifts, 0, before, median(at, at + kLeastSide).value_or(before)};
  }

  const Costs& cost_;
  const Costs& deviation_;
  const Costs& level_;
  const bool proportional_;
  const double typical_;
  const int days_;
  double step_scale_;  // of the filters' scatter, in that of independent normal noise
  double ramp_scale_;
  Costs inverse_;       // of the deviations
  Costs squares_{0.0};  // their sums, up to each day
  Costs medians_;
  std::vector<bool> has_median_;
  Costs jumps_;
  Costs growth_;
};

}  // namespace

std::vector<LevelMove> level_moves(const Baseline& baseline, double step_threshold, double drift_threshold) {
  if (std::ssize(baseline.deseasoned) < 2 * kLeastSide) return {};
  return Moves(baseline).find(step_threshold, drift_threshold);
}

}  // namespace costagent
