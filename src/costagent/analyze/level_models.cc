#include "costagent/analyze/level_models.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "stats/robust.h"

namespace costagent {
namespace {

constexpr double kFar = 4;          // deviations from which on a value is suspicious
constexpr double kClippedTo = 2.5;  // what is left of it
constexpr int kShift = 3;           // so many in a row, on the same side, are a new level
constexpr double kReferenceAlpha = 0.3;
constexpr double kScaleAlpha = 0.06;
// A line's slope is shrunk as if by 400 / 12 days² of values without one: of two weeks a third is left, of six 94 %.
constexpr double kRidge = 400;
// ... or by less, where its explained squares are more than so many times what a value is off by.
constexpr double kSureSlope = 4;
constexpr double kLargestExponent = 600;

// e^x within 1e-4 where costs grow by less than half, which is nearly always.
double grown_by(double x) {
  if (std::abs(x) > 0.5) return std::exp(std::clamp(x, -3.0, 3.0));
  return 1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4)));
}

// Tells spikes from shifts, as the values come.
class Cleaner {
 public:
  Cleaner(std::span<const double> values, bool trusting) : trusting_(trusting) {
    std::vector<double> changes;
    for (std::size_t i = 1; i < values.size() && changes.size() < 20; ++i) changes.push_back(values[i] - values[i - 1]);
    scale_ = stats::scatter(changes, 0) / std::sqrt(2.0);
  }

  // The value as models should see it.
  double clean(double value) {
    jump_.reset();
    if (seen_++ == 0) reference_ = value;
    const double away = value - reference_;
    const double scale = std::max(scale_, 1e-4 * std::abs(reference_));
    scale_ += kScaleAlpha * (std::min(1.25 * std::abs(away), 3 * scale) - scale_);
    if (trusting_ || std::abs(away) <= kFar * scale || seen_ < 4) {
      run_ = 0;
      reference_ += std::max(kReferenceAlpha, 1.0 / seen_) * away;
      return value;
    }
    if (run_ > 0 && (away > 0) != (run_sum_ > run_ * reference_)) run_ = 0;
    if (run_ == 0) run_sum_ = 0;
    ++run_;
    run_sum_ += value;
    if (run_ < kShift) return reference_ + std::copysign(kClippedTo * scale, away);
    const double level = run_sum_ / run_;
    jump_ = level - reference_;
    reference_ = level;
    run_ = 0;
    return level;
  }

  // By how much the level shifted with the last value.
  std::optional<double> jump() const { return jump_; }
  double reference() const { return reference_; }

 private:
  bool trusting_;
  double scale_ = 0;
  double reference_ = 0;
  int seen_ = 0;
  int run_ = 0;
  double run_sum_ = 0;
  std::optional<double> jump_;
};

// Sums of a line by discounted least squares; time counts back from the newest value.
class DiscountedLine {
 public:
  explicit DiscountedLine(double half_life) : kept_(std::exp2(-1 / half_life)) {}

  void step(bool has_value, double value) {
    if (has_value && n_ <= 0) origin_ = value;
    value -= origin_;
    tt_ = kept_ * (tt_ + 2 * t_ + n_);
    t_ = kept_ * (t_ + n_);
    tv_ = kept_ * (tv_ + v_);
    n_ *= kept_;
    v_ *= kept_;
    vv_ *= kept_;
    if (!has_value) return;
    n_ += 1;
    v_ += value;
    vv_ += value * value;
  }
  void lift(double by) {
    vv_ += by * (2 * v_ + by * n_);
    v_ += by * n_;
    tv_ += by * t_;
  }
  LevelState state() const {
    if (n_ <= 0) return {};
    const double spread = tt_ - t_ * t_ / n_;
    const double common = tv_ - t_ * v_ / n_;
    const double slope = -common / (spread + ridge(spread, common));
    return {origin_ + v_ / n_ + slope * t_ / n_, slope};
  }

 private:
  // The less of it, the further the slope stands out of what the line leaves.
  double ridge(double spread, double common) const {
    if (n_ <= 3 || spread <= 0) return kRidge;
    const double explained = common * common / spread;
    const double left = std::max(0.0, vv_ - v_ * v_ / n_ - explained) / (n_ - 2);
    return kRidge * (explained > kSureSlope * left ? kSureSlope * left / explained : 1);
  }

  double kept_;
  double origin_ = 0;  // the first value: squares of what is far from 0 would leave nothing of the rest
  double n_ = 0;
  double vv_ = 0;
  double t_ = 0;
  double tt_ = 0;
  double v_ = 0;
  double tv_ = 0;
};

class Smoothing {
 public:
  explicit Smoothing(const LevelModel& model) : model_(model) {}

  void gap() {
    level_ += model_.phi * slope_;
    slope_ *= model_.phi;
  }
  void step(double value) {
    if (seen_ == 0) level_ = value;
    const double expected = level_ + model_.phi * slope_;
    const double error = value - expected;
    // Until as many values were seen as it remembers, it is their mean.
    const double alpha = std::max(model_.alpha, 1.0 / ++seen_);
    level_ = expected + alpha * error;
    slope_ = model_.phi * slope_ + (seen_ > 4 ? model_.alpha * model_.beta * error : 0);
  }
  void shift(double level, int values) {
    level_ = level;
    seen_ = values;
  }
  LevelState state() const { return {level_, slope_}; }

 private:
  LevelModel model_;
  double level_ = 0;
  double slope_ = 0;
  int seen_ = 0;
};

std::vector<LevelModel> models_for(double steps_a_day, LevelHabit habit) {
  using enum LevelModelKind;
  if (habit == LevelHabit::intermittent) return {{level, 0.004}, {level, 0.02}, {level, 0.06}};
  const double day = std::max(1.0, steps_a_day);
  std::vector<LevelModel> models{
      {level, 0.03},
      {level, 0.08},
      {level, 0.18},
      {level, 0.4},
      {level, 0.8},
      {damped_trend, 0.1, 0.1, 0.98, 0, 1.02},
      {damped_trend, 0.3, 0.1, 0.98, 0, 1.02},
      {damped_trend, 0.5, 0.2, 0.95, 0, 1.02},
      {theta, 0.1, 0, 1, 400 * day, 1.01},
      {theta, 0.4, 0, 1, 400 * day, 1.01},
      {line, 0, 0, 0.99, 25 * day, 1.04},
      {line, 0, 0, 1, 60 * day, 1.03},
      {line, 0, 0, 1, 180 * day, 1.02},
      {line, 0, 0, 1, 600 * day, 1.02},
      {seasonal_naive, 0, 0, 1, 0, 1.02},
  };
  if (habit == LevelHabit::proportional) {
    models.push_back({straight, 0, 0, 1, 60 * day, 1.03});
    models.push_back({straight, 0, 0, 1, 180 * day, 1.02});
    models.push_back({straight, 0, 0, 1, 600 * day, 1.02});
  }
  return models;
}

// One model under way.
struct Follower {
  Follower(const LevelModel& which, bool growth)
      : model(which),
        grows(growth && which.grows()),
        smoothing(which),
        line(which.half_life > 0 ? which.half_life : 1) {}

  bool draws_line() const { return model.half_life > 0; }

  // `for_growth` is the value, or its logarithm where lines are of growth; and so are the jumps.
  void step(double value, double for_growth, std::optional<double> jump, double jump_of_growth) {
    if (jump) {
      smoothing.shift(value, kShift);
    } else if (model.kind != LevelModelKind::line && model.kind != LevelModelKind::straight) {
      smoothing.step(value);
    }
    if (!draws_line()) return;
    if (jump) line.lift(grows ? jump_of_growth : *jump);
    line.step(true, grows ? for_growth : value);
  }
  void gap() {
    smoothing.gap();
    if (draws_line()) line.step(false, 0);
  }
  LevelState state() const {
    switch (model.kind) {
      case LevelModelKind::level:
        return {smoothing.state().level, 0};
      case LevelModelKind::theta:
        return {smoothing.state().level, line.state().slope / 2};
      case LevelModelKind::straight:
      case LevelModelKind::line: {
        const LevelState state = line.state();
        return {grows ? std::exp(std::min(state.level, kLargestExponent)) : state.level, state.slope};
      }
      case LevelModelKind::damped_trend:
      case LevelModelKind::seasonal_naive:
        break;
    }
    const LevelState state = smoothing.state();
    return {state.level, model.phi * state.slope};
  }

  LevelModel model;
  bool grows;
  Smoothing smoothing;
  DiscountedLine line;
};

}  // namespace

double damped_steps(double phi, std::size_t ahead) {
  const auto steps = static_cast<double>(ahead);
  return phi >= 1 ? steps : (1 - std::pow(phi, steps)) / (1 - phi);
}

double LevelHistory::at(std::size_t model, std::size_t origin, double steps) const {
  double said = 0;
  say(model, origin, std::span(&steps, 1), std::span(&said, 1));
  return said;
}

void LevelHistory::say(std::size_t model, std::size_t origin, std::span<const double> steps,
                       std::span<double> said) const {
  const LevelState& state = states[model][origin];
  if (growth && models[model].grows()) {
    for (std::size_t k = 0; k < steps.size(); ++k) said[k] = state.level * grown_by(state.slope * steps[k]);
  } else {
    for (std::size_t k = 0; k < steps.size(); ++k) said[k] = state.level + state.slope * steps[k];
  }
}

LevelHistory follow_level(std::span<const double> values, std::span<const std::size_t> origins, double steps_a_day,
                          LevelHabit habit) {
  LevelHistory history;
  history.growth = habit == LevelHabit::proportional;
  history.models = models_for(steps_a_day, habit);
  history.states.resize(history.models.size());
  std::vector<Follower> followers;
  for (const LevelModel& model : history.models) followers.emplace_back(model, history.growth);
  for (auto& states : history.states) states.reserve(origins.size());
  Cleaner cleaner(values, habit == LevelHabit::intermittent);
  std::size_t next = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool has_value = std::isfinite(values[i]);
    const double before = cleaner.reference();
    const double value = has_value ? cleaner.clean(values[i]) : 0;
    // What is next to nothing has no logarithm that means anything.
    const auto for_line = [&](double of) {
      return history.growth ? std::log(std::max({of, 0.05 * cleaner.reference(), 1e-300})) : of;
    };
    const double line_value = has_value ? for_line(value) : 0;
    const double line_jump = cleaner.jump() ? line_value - for_line(before) : 0;
    for (Follower& follower : followers) {
      if (has_value) {
        follower.step(value, line_value, cleaner.jump(), line_jump);
      } else {
        follower.gap();
      }
    }
    if (next == origins.size() || origins[next] != i + 1) continue;
    ++next;
    for (std::size_t m = 0; m < followers.size(); ++m) history.states[m].push_back(followers[m].state());
    history.reference.push_back(cleaner.reference());
  }
  return history;
}

}  // namespace costagent
