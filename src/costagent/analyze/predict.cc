#include "costagent/analyze/predict.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "costagent/analyze/conformal.h"
#include "costagent/analyze/cycles.h"
#include "costagent/analyze/level_models.h"
#include "costagent/analyze/silences.h"
#include "stats/robust.h"

namespace costagent {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargest = 1e18;
constexpr double kNegligible = 1e-12;
// Every day of two thirds of a year, or as many days spread over longer; neighbours tell nearly the same.
constexpr std::size_t kMostOrigins = 200;
constexpr std::size_t kFirstOrigin = 5;
constexpr std::size_t kMostKnots = kMostSummedSteps;
// The past of four months ago counts half in the choice of models.
constexpr double kChoiceHalfLife = 120;
// How much better a model must be to be preferred: at 1.1 times the least error, a weight of a third.
constexpr double kSharpness = 12;
constexpr double kLeastWeight = 0.02;
// So many times the horizon of past tell models apart.
constexpr double kSureRounds = 3;

using Values = std::span<const double>;

// Where the zeros at the end begin if they are what is left of something that stopped: `least` of them, and twice as
// many as ever before. Else 0.
std::size_t stopped(Values values, std::size_t least) {
  std::size_t run = 0;
  std::size_t longest = 0;
  std::size_t last = 0;
  for (const double value : values) {
    if (value == 0) {
      last = ++run;
    } else if (std::isfinite(value)) {
      longest = std::max(longest, run);
      run = 0;
      last = 0;
    }
  }
  if (last < least || last < 2 * longest) return 0;
  // Gaps within the run count for nothing.
  std::size_t begin = values.size();
  while (begin > 0 && !(std::isfinite(values[begin - 1]) && values[begin - 1] != 0)) --begin;
  while (begin < values.size() && !std::isfinite(values[begin])) ++begin;
  return begin;
}

// What comes by the calendar needs no forecast, and says nothing of other days.
std::vector<double> without(std::vector<double> values, const Silences& silences) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = silences.at(i) ? kMissing : values[i];
  return values;
}

// A series made ready, and all that is known of it.
class Predictor {
 public:
  Predictor(const Timeline& timeline, std::vector<double> values, std::size_t steps)
      : timeline_(timeline),
        steps_(steps),
        silences_(timeline.daily() ? silences_of(timeline.day(0), values, Charging::unknown) : Silences()),
        values_(without(std::move(values), silences_)),
        cycles_(Cycles::learn(timeline, values_)) {}

  Predicted predict() {
    set_steady();
    set_knots();
    const LevelHabit habit = cycles_.intermittent()   ? LevelHabit::intermittent
                             : cycles_.proportional() ? LevelHabit::proportional
                                                      : LevelHabit::additive;
    history_ = follow_level(steady_, origins_, static_cast<double>(timeline_.per_day()), habit);
    period_ = std::max<std::size_t>(1, timeline_.daily() ? 7 : timeline_.per_day());
    for (const LevelModel& model : history_.models) {
      auto& steps = model_steps_.emplace_back();
      for (const std::size_t ahead : knots_) steps.push_back(damped_steps(model.phi, ahead));
    }
    set_units();
    choose();
    for (std::size_t o = 0; o + 1 < origins_.size(); ++o) paths_.push_back(path(o));
    const ConformalErrors errors = errors_of_choice();
    Predicted result;
    result.origins = static_cast<int>(origins_.size()) - 1;
    for (std::size_t ahead = 1; ahead <= steps_; ++ahead) result.values.push_back(value_at(errors, ahead));
    result.sums = sums_of_choice();
    return result;
  }

 private:
  std::size_t size() const { return values_.size(); }
  double factor(std::size_t i) const { return cycles_.proportional() ? 1 + cycles_.effect(i) : 1; }
  void set_steady();
  void set_knots();
  void set_units();
  double repeated(std::size_t origin, std::size_t ahead) const;
  void say(std::size_t model, std::size_t origin, std::vector<double>& into) const;
  std::vector<double> path(std::size_t origin) const;
  double chosen(std::size_t ahead) const;
  double clamped(std::size_t origin, double level) const;
  void choose();
  ConformalErrors errors_of_choice() const;
  SumErrors sums_of_choice() const;
  PredictedValue value_at(const ConformalErrors& errors, std::size_t ahead) const;
  std::vector<double> losses() const;
  double expected(double level, std::size_t t) const;

  Timeline timeline_;
  std::size_t steps_;
  Silences silences_;
  std::vector<double> values_;  // NaN where there is none, or the calendar says that it is nothing
  Cycles cycles_;
  std::vector<double> steady_;   // without cycle; NaN where there is none, or a monthly charge hides it
  std::vector<double> factors_;  // what a level is multiplied by at each time
  std::vector<double> noises_;
  std::vector<std::size_t> origins_;  // the last one is the present
  std::vector<std::size_t> knots_;    // steps ahead at which the past is looked at
  std::vector<double> month_amounts_;
  std::vector<std::vector<double>> model_steps_;  // models × knots: what their slopes are multiplied by
  std::vector<std::vector<double>> paths_;        // origins × knots: what the combination would have said of the level
  std::size_t period_ = 1;
  LevelHistory history_;
  std::vector<double> weights_;
  std::vector<double> units_;  // by origin: what its errors are measured in
  bool positive_ = false;
};

void Predictor::set_steady() {
  positive_ = std::all_of(values_.begin(), values_.end(), [](double v) { return !(v < 0); });
  steady_ = cycles_.without(values_);
  factors_.resize(size());
  noises_.resize(size());
  month_amounts_.assign(size(), 0);
  for (std::size_t t = 0; t < size(); ++t) {
    factors_[t] = factor(t);
    noises_[t] = cycles_.noise(t);
    if (const auto month = cycles_.monthly(t)) month_amounts_[t] = month->amount;
  }
}

void Predictor::set_knots() {
  const std::size_t last = size();
  const std::size_t first = std::min(last, kFirstOrigin);
  const std::size_t stride = std::max<std::size_t>(1, (last - first + kMostOrigins - 1) / kMostOrigins);
  for (std::size_t origin = last; origin >= first; origin -= std::min(origin, stride)) {
    origins_.push_back(origin);
    if (origin < stride) break;
  }
  std::reverse(origins_.begin(), origins_.end());
  if (steps_ <= kMostKnots) {
    knots_.resize(steps_);
    std::iota(knots_.begin(), knots_.end(), std::size_t{1});
    return;
  }
  for (std::size_t k = 0; k < kMostKnots; ++k) {
    const double share = static_cast<double>(k) / (kMostKnots - 1);
    const auto knot = static_cast<std::size_t>(std::round(std::pow(static_cast<double>(steps_), share)));
    if (knots_.empty() || knot > knots_.back()) knots_.push_back(knot);
  }
}

// So that errors of a time when all was smaller count as much: in proportion to the level, or less where changes were.
void Predictor::set_units() {
  const double typical = cycles_.typical();
  // Of zeros alone any unit will do.
  units_.assign(origins_.size(), typical > 0 ? typical : 1);
  if (!cycles_.proportional()) return;
  std::vector<double> changes;
  std::vector<double> levels;
  for (std::size_t o = 0; o < origins_.size(); ++o) {
    const std::size_t i = origins_[o];
    levels.push_back(std::max(std::abs(history_.reference[o]), 0.05 * typical));
    changes.push_back(i >= 2 ? steady_[i - 1] - steady_[i - 2] : kMissing);
  }
  const double power = power_of_level(changes, levels);
  for (std::size_t o = 0; o < units_.size(); ++o) units_[o] *= std::pow(levels[o] / typical, power);
}

// The same time of the last period, or of the one before where that has no value.
double Predictor::repeated(std::size_t origin, std::size_t ahead) const {
  std::size_t back = period_ - (ahead - 1) % period_;
  for (; back <= origins_[origin]; back += period_) {
    const double value = steady_[origins_[origin] - back];
    if (std::isfinite(value)) return value;
  }
  return history_.reference[origin];
}

// What a model says at each knot.
void Predictor::say(std::size_t model, std::size_t origin, std::vector<double>& into) const {
  into.resize(knots_.size());
  if (history_.models[model].kind != LevelModelKind::seasonal_naive) {
    history_.say(model, origin, model_steps_[model], into);
    return;
  }
  for (std::size_t k = 0; k < knots_.size(); ++k) into[k] = repeated(origin, knots_[k]);
}

// A line leads anywhere; costs don't.
double Predictor::clamped(std::size_t origin, double level) const {
  if (!cycles_.proportional()) return positive_ ? std::max(level, 0.0) : level;
  const double reference = history_.reference[origin];
  return std::clamp(level, 0.2 * std::min(reference, level < 0 ? reference : level), 5 * std::max(reference, 0.0));
}

std::vector<double> Predictor::path(std::size_t origin) const {
  std::vector<double> sum(knots_.size(), 0);
  std::vector<double> one;
  for (std::size_t model = 0; model < weights_.size(); ++model) {
    if (weights_[model] == 0) continue;
    say(model, origin, one);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += weights_[model] * one[k];
  }
  for (double& level : sum) level = clamped(origin, level);
  return sum;
}

double Predictor::chosen(std::size_t ahead) const {
  const std::size_t now = origins_.size() - 1;
  double sum = 0;
  for (std::size_t model = 0; model < weights_.size(); ++model) {
    if (weights_[model] == 0) continue;
    const LevelModel& of = history_.models[model];
    sum += weights_[model] * (of.kind == LevelModelKind::seasonal_naive
                                  ? repeated(now, ahead)
                                  : history_.at(model, now, damped_steps(of.phi, ahead)));
  }
  return clamped(now, sum);
}

// Each model's past error, younger ones weighing more.
std::vector<double> Predictor::losses() const {
  std::vector<double> sums(history_.models.size(), 0);
  std::vector<double> said;
  std::vector<double> truth(knots_.size());
  std::vector<double> scale(knots_.size());
  const double half_life = kChoiceHalfLife * std::max<double>(1, static_cast<double>(timeline_.per_day()));
  for (std::size_t o = 0; o + 1 < origins_.size(); ++o) {
    const double weight = std::exp2(-static_cast<double>(size() - origins_[o]) / half_life);
    for (std::size_t k = 0; k < knots_.size(); ++k) {
      const std::size_t t = origins_[o] + knots_[k] - 1;
      const bool seen = t < size() && std::isfinite(steady_[t]);
      truth[k] = seen ? steady_[t] : 0;
      scale[k] = seen ? factors_[t] / (units_[o] * noises_[t]) : 0;
    }
    for (std::size_t model = 0; model < sums.size(); ++model) {
      say(model, o, said);
      double sum = 0;
      for (std::size_t k = 0; k < knots_.size(); ++k) {
        const double error = scale[k] * std::abs(truth[k] - said[k]);
        sum += cycles_.intermittent() ? error * error : error;
      }
      sums[model] += weight * sum;
    }
  }
  return sums;
}

void Predictor::choose() {
  const std::size_t models = history_.models.size();
  std::vector<double> past = losses();
  // Of a short past the choice is as good as any; the models' doubts decide.
  const double rounds =
      static_cast<double>(size() - std::min(size(), kFirstOrigin)) / static_cast<double>(knots_.back());
  const double sharpness = kSharpness * std::min(1.0, rounds / kSureRounds);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t model = 0; model < models; ++model) {
    past[model] *= history_.models[model].doubt;
    least = std::min(least, past[model]);
  }
  weights_.assign(models, 0);
  for (std::size_t model = 0; model < models; ++model) {
    const double ratio = least > 0 ? least / past[model] : (past[model] <= 0 ? 1 : 0);
    const double doubt = std::pow(history_.models[model].doubt, -10 * (kSharpness - sharpness));
    weights_[model] = std::pow(ratio, sharpness) * doubt;
  }
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  double kept = 0;
  for (double& weight : weights_) {
    weight = weight < kLeastWeight * sum ? 0 : weight;
    kept += weight;
  }
  for (double& weight : weights_) weight /= kept;
}

ConformalErrors Predictor::errors_of_choice() const {
  ConformalErrors errors(knots_);
  for (std::size_t o = 0; o + 1 < origins_.size(); ++o) {
    errors.begin_origin();
    for (std::size_t k = 0; k < knots_.size(); ++k) {
      const std::size_t t = origins_[o] + knots_[k] - 1;
      if (t >= size()) break;
      if (!std::isfinite(steady_[t])) continue;
      errors.add(k, factors_[t] * (steady_[t] - paths_[o][k]) / (units_[o] * noises_[t]));
    }
  }
  const double scatter = stats::scatter(steady_, stats::median(steady_).value_or(0)) / std::max(units_.back(), 1e-300);
  errors.settle({scatter, cycles_.optimism(), static_cast<double>(size()), cycles_.intermittent()});
  return errors;
}

// The value at a time, with all that comes round.
double Predictor::expected(double level, std::size_t t) const {
  const bool past = t < size();
  double value = (past ? factors_[t] : factor(t)) * level;
  const double each = cycles_.proportional() ? level : cycles_.typical();
  if (!cycles_.proportional()) value += cycles_.typical() * cycles_.effect(t);
  if (past) {
    value += month_amounts_[t] * each;
  } else if (const auto month = cycles_.monthly(t)) {
    value += month->amount * each;
  }
  return positive_ ? std::max(value, 0.0) : value;
}

PredictedValue Predictor::value_at(const ConformalErrors& errors, std::size_t ahead) const {
  const std::size_t now = origins_.size() - 1;
  const std::size_t t = size() + ahead - 1;
  PredictedValue result;
  if (silences_.at(t)) return result;
  const double each = units_[now] * cycles_.noise(t);
  result.value = expected(chosen(ahead), t) + each * errors.lean(ahead);
  if (positive_) result.value = std::max(result.value, 0.0);
  Bounds around = errors.around(ahead);
  if (const auto month = cycles_.monthly(t)) {
    const double more = month->deviation / std::max(cycles_.noise(t), 1e-9);
    around.low_80 = -std::hypot(around.low_80, 1.28 * more);
    around.high_80 = std::hypot(around.high_80, 1.28 * more);
    around.low_95 = -std::hypot(around.low_95, 1.96 * more);
    around.high_95 = std::hypot(around.high_95, 1.96 * more);
  }
  const double least = positive_ ? 0 : -std::numeric_limits<double>::infinity();
  result.bounds = {std::max(least, result.value + each * around.low_80), result.value + each * around.high_80,
                   std::max(least, result.value + each * around.low_95), result.value + each * around.high_95};
  return result;
}

SumErrors Predictor::sums_of_choice() const {
  // Beyond as many, knots leave steps out.
  const std::size_t steps = steps_ > kMostSummedSteps ? 0 : std::min(steps_, size() / 2);
  std::vector<std::vector<double>> errors(steps);
  const double now = units_.back();
  for (std::size_t o = 0; o + 1 < origins_.size(); ++o) {
    double sum = 0;
    for (std::size_t ahead = 1; ahead <= steps; ++ahead) {
      const std::size_t t = origins_[o] + ahead - 1;
      if (t >= size()) break;
      if (std::isfinite(values_[t])) sum += values_[t] - expected(paths_[o][ahead - 1], t);
      errors[ahead - 1].push_back(sum / units_[o]);
    }
  }
  for (std::size_t k = 0; k < steps; ++k) {
    const double widened = now * cycles_.optimism() * widening_of_sums(errors[k].size(), k + 1);
    for (double& error : errors[k]) error *= widened;
  }
  while (!errors.empty() && errors.back().size() < 2) errors.pop_back();
  SumErrors sums(std::move(errors));
  if (!cycles_.intermittent()) sums.center();
  return sums;
}

}  // namespace

std::optional<Predicted> predict(const Timeline& timeline, Values values, std::size_t steps) {
  assert(steps >= 1 && steps <= kMostSteps);
  std::vector<double> clean(values.begin(), values.end());
  for (double& value : clean) {
    if (!std::isfinite(value) || std::abs(value) > kLargest) value = kMissing;
  }
  double largest = 0;
  for (const double value : clean) largest = std::max(largest, std::isfinite(value) ? std::abs(value) : 0);
  // Beside the largest value nobody sees these, and in quotients of them everything would overflow.
  for (double& value : clean) value = std::abs(value) < kNegligible * largest ? 0 : value;
  const auto finite = [](double value) { return std::isfinite(value); };
  clean.erase(std::find_if(clean.rbegin(), clean.rend(), finite).base(), clean.end());
  const auto begin = std::find_if(clean.begin(), clean.end(), finite);
  if (begin == clean.end()) return std::nullopt;
  Timeline kept = timeline;
  kept.first = timeline.at(static_cast<std::size_t>(begin - clean.begin()));
  clean.erase(clean.begin(), begin);
  const std::size_t over = stopped(clean, 14 * std::max<std::size_t>(1, timeline.per_day()));
  kept.first = kept.at(over);
  clean.erase(clean.begin(), clean.begin() + static_cast<std::ptrdiff_t>(over));
  return Predictor(kept, std::move(clean), steps).predict();
}

}  // namespace costagent
