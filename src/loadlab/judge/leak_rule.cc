#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadlab/judge/figures.h"
#include "loadlab/judge/leaks.h"
#include "stats/robust.h"
#include "stats/trend.h"

namespace loadlab {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kLongestTestSeconds = 7 * 24 * kSecondsPerHour;  // plans have no longer ones
// A fall of this share of all that was seen, and of so many usual steps, is a sawtooth's and no noise.
constexpr double kFallShare = 0.4;
constexpr double kFallSteps = 3;
// Fewer troughs can't show a trend (stats::mann_kendall needs as many).
constexpr std::size_t kFewestTroughs = 4;
// Up to here a rise is what chance brings every tenth time.
constexpr double kNoSign = 0.1;

class Rule {
 public:
  explicit Rule(const LeakQuestion& question) : question_(question) {}

  LeakAnswer judge() {
    values_.assign(question_.values.begin(), question_.values.end());
    find_range();
    if (high_ - low_ < question_.grain || high_ <= low_) return flat();
    const auto troughs = stats::troughs(values_, least_fall());
    if (!troughs.empty() && troughs.size() < kFewestTroughs) return few_troughs(troughs.size());
    if (!troughs.empty()) keep_only(troughs);
    measure_line();
    decide_by_line();
    if (answer_.finding.verdict != LeakVerdict::none && troughs.empty()) check_that_it_goes_on();
    if (!troughs.empty() && answer_.finding.verdict == LeakVerdict::none)
      answer_.reason = "it falls back each time, and its lowest levels do not rise";
    return answer_;
  }

 private:
  double hours() const { return question_.interval * static_cast<double>(question_.values.size()) / kSecondsPerHour; }
  double per_hour(double slope) const { return slope * kSecondsPerHour / question_.interval; }
  double smallest() const { return std::max(question_.slope_per_hour, question_.grain / hours()); }
  double last_step() const { return static_cast<double>(values_.size()) - 1; }

  double least_fall() const {
    std::vector<double> steps;
    for (std::size_t i = 1; i < values_.size(); ++i) steps.push_back(std::abs(values_[i] - values_[i - 1]));
    return std::max({question_.grain, kFallShare * (high_ - low_), kFallSteps * stats::median(steps).value_or(0)});
  }

  void find_range() {
    low_ = std::numeric_limits<double>::infinity();
    high_ = -low_;
    for (const double value : values_) {
      if (!std::isfinite(value)) continue;
      low_ = std::min(low_, value);
      high_ = std::max(high_, value);
    }
  }

  void decide(LeakVerdict verdict, std::string reason) {
    answer_.finding.verdict = verdict;
    answer_.reason = std::move(reason);
  }

  // A longer test would tell; none if no test is long enough.
  void needs(double seconds) {
    if (seconds <= kLongestTestSeconds)
      answer_.finding.seconds_to_decide = std::max(seconds, 1.5 * hours() * kSecondsPerHour);
  }

  // Everything that was seen lies within the grain.
  LeakAnswer flat() {
    measure_line();
    decide(LeakVerdict::none, "it stays where it is");
    require_stated_slope();
    return answer_;
  }

  // What the plan says counts may be less than this test could see.
  void require_stated_slope() {
    const double seen = std::max(smallest(), answer_.finding.smallest_per_hour);
    if (!question_.slope_is_stated || seen <= question_.slope_per_hour) return;
    decide(LeakVerdict::undecided, "nothing rises, but the test is too short to see a slope as small as the plan's");
    // An interval of a slope narrows with the length to the power of 3/2, at the same interval of samples.
    needs(std::max(
        kSecondsPerHour * question_.grain / question_.slope_per_hour,
        hours() * kSecondsPerHour * std::pow(answer_.finding.smallest_per_hour / question_.slope_per_hour, 2.0 / 3)));
  }

  LeakAnswer few_troughs(std::size_t count) {
    measure_line();
    // From tooth to tooth nearly every value rises: only the ranks of all of them say whether the whole does.
    answer_.finding.chance = rank_chance_;
    if (rank_chance_ < question_.chance) {
      decide_by_line();
      return answer_;
    }
    const auto [first, last] = ends();
    if (last - first < question_.grain) {
      decide(LeakVerdict::none, "what it took it gave back");
      require_stated_slope();
    } else if (rank_chance_ >= kNoSign) {
      decide(LeakVerdict::none, "it does not rise");
      require_stated_slope();
    } else {
      decide(LeakVerdict::undecided, "it rises and falls back, and did so too seldom to tell");
      needs(hours() * kSecondsPerHour * static_cast<double>(kFewestTroughs + 2) / static_cast<double>(count));
    }
    return answer_;
  }

  std::pair<double, double> ends() const {
    const auto finite = [](double value) { return std::isfinite(value); };
    return {*std::find_if(values_.begin(), values_.end(), finite),
            *std::find_if(values_.rbegin(), values_.rend(), finite)};
  }

  void keep_only(const std::vector<std::size_t>& steps) {
    std::vector<double> kept(values_.size(), std::numeric_limits<double>::quiet_NaN());
    for (const std::size_t step : steps) kept[step] = values_[step];
    values_ = std::move(kept);
  }

  void measure_line() {
    const auto test = stats::mann_kendall(values_);
    if (!test) return;
    rank_chance_ = test->p_rise;
    answer_.finding.chance = std::min(1.0, 2 * std::min(test->p_rise, stats::chance_of_rises(values_)));
    const auto line = stats::theil_sen(values_, {1 - 2 * question_.chance, test->inflation});
    LeakFinding& finding = answer_.finding;
    finding.slope_per_hour = per_hour(line->slope);
    finding.slope_low_per_hour = per_hour(line->slope_low);
    finding.slope_high_per_hour = per_hour(line->slope_high);
    finding.level_from = line->at(0);
    finding.level_to = line->at(last_step());
    finding.smallest_per_hour = smallest();
  }

  void decide_by_line() {
    LeakFinding& finding = answer_.finding;
    finding.smallest_per_hour = std::max(smallest(), finding.slope_high_per_hour - finding.slope_per_hour);
    const bool sure = finding.chance < question_.chance && finding.slope_low_per_hour > 0;
    if (sure && finding.slope_per_hour >= smallest()) {
      decide(LeakVerdict::leak, "it rises and goes on rising");
      finding.smallest_per_hour = std::min(finding.smallest_per_hour, finding.slope_per_hour);  // it was seen
    } else if (sure && finding.slope_per_hour < question_.slope_per_hour) {
      decide(LeakVerdict::none, "it rises more slowly than counts");
    } else if (sure) {
      decide(LeakVerdict::undecided, "it rises by too little within this test to tell it from the grain it comes in");
      needs(kSecondsPerHour * question_.grain / finding.slope_per_hour);
    } else if (rank_chance_ < kNoSign && finding.slope_per_hour > 0) {
      decide(LeakVerdict::undecided, "it seems to rise, by no more than its own noise");
      // An interval of a slope narrows with the length to the power of 3/2, at the same interval of samples.
      const double half = finding.slope_per_hour - finding.slope_low_per_hour;
      needs(hours() * kSecondsPerHour * std::pow(half / finding.slope_per_hour, 2.0 / 3));
    } else {
      decide(LeakVerdict::none, "it does not rise");
      require_stated_slope();
    }
  }

  void check_that_it_goes_on() {
    const auto bend = stats::bend(values_);
    // Of noise alone a half may rise faster than the other; what slows down has risen surely before.
    if (!bend || bend->ratio >= kGoesOn || bend->early.slope_low <= 0) return;
    answer_.finding.seconds_to_decide.reset();
    const double late_rise = bend->late.slope * static_cast<double>(values_.size()) / 2;
    if (bend->ratio <= kLevelledOff || late_rise < question_.grain) {
      return decide(LeakVerdict::none,
                    fmt::format("it rose and levelled off: its second half rises {} % as fast as its "
                                "first",
                                figure(100 * std::max(0.0, bend->ratio))));
    }
    decide(LeakVerdict::undecided, fmt::format("it slows down, to {} % of its first half's slope, and may level off",
                                               figure(100 * bend->ratio)));
    needs(hours() * kSecondsPerHour + bend->steps_to_level.value_or(0) * question_.interval);
  }

  const LeakQuestion& question_;
  std::vector<double> values_;
  double low_ = 0;
  double high_ = 0;
  double rank_chance_ = 1;  // of so much rise, by the Mann-Kendall test
  LeakAnswer answer_;
};

}  // namespace

LeakAnswer judge_leak(const LeakQuestion& question) { return Rule(question).judge(); }

}  // namespace loadlab
