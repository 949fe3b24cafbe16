#include "loadlab/judge/difference.h"

#include <algorithm>
#include <cmath>

#include "stats/block_bootstrap.h"

namespace loadlab {
namespace {

double mean_of(const std::vector<Figures>& draws, std::size_t figure) {
  double sum = 0;
  for (const Figures& draw : draws) sum += draw[figure];
  return sum / static_cast<double>(draws.size());
}

double variance_drawn(const Resampled& of, std::size_t figure) {
  const double mean = mean_of(of.draws, figure);
  double squares = 0;
  for (const Figures& draw : of.draws) squares += (draw[figure] - mean) * (draw[figure] - mean);
  return squares / static_cast<double>(of.draws.size());
}

// Stretches that are drawn from a few vary less than the series did that they are of.
double variance_of(const Resampled& of, std::size_t figure) {
  return variance_drawn(of, figure) * of.variance_lost * (of.freedom + 1) / of.freedom;
}

double mean_before(std::span<const Resampled* const> before, std::size_t figure) {
  double sum = 0;
  for (const Resampled* one : before) sum += one->figures[figure];
  return sum / static_cast<double>(before.size());
}

// By how much runs differ beyond what their own seconds explain; 0 with a single one, of which nothing is known.
double variance_between(std::span<const Resampled* const> before, std::size_t figure, double within) {
  if (before.size() < 2) return 0;
  const double mean = mean_before(before, figure);
  double squares = 0;
  for (const Resampled* one : before) squares += (one->figures[figure] - mean) * (one->figures[figure] - mean);
  return std::max(0.0, squares / static_cast<double>(before.size() - 1) - within);
}

struct Moments {
  double mean = 0;
  double error = 0;  // standard error of the mean, squared
  double freedom = 0;
};

Moments moments_of(const std::vector<double>& samples) {
  const auto count = static_cast<double>(samples.size());
  Moments moments;
  for (const double value : samples) moments.mean += value / count;
  for (const double value : samples)
    moments.error += (value - moments.mean) * (value - moments.mean) / (count - 1) / count;
  // Values that are all the same have a mean that is nearly so.
  if (std::all_of(samples.begin(), samples.end(), [&](double value) { return value == samples.front(); }))
    moments = {samples.front(), 0, 0};
  moments.freedom = count - 1;
  return moments;
}

std::vector<double> normal_draws(double error, int resamples, base::Random& random) {
  std::vector<double> draws;
  for (int i = 0; error > 0 && i < resamples; ++i) draws.push_back(random.normal());
  return draws;
}

}  // namespace

std::optional<ResampledTest> resample(const MeasuredSeconds& seconds, int resamples, base::Random& random,
                                      const std::atomic<bool>* stop) {
  const auto [length, lost] = seconds.whole.stretch();
  const double freedom = std::max(1.0, static_cast<double>(seconds.whole.size()) / static_cast<double>(length) - 1);
  ResampledTest result;
  result.whole = {seconds.whole.figures(), {}, freedom, lost};
  for (const auto& [name, step] : seconds.steps)
    result.steps[name] = {step.figures(), {}, freedom, std::max(lost, step.variance_lost(length))};
  for (int i = 0; i < resamples; ++i) {
    if (stop && *stop) return std::nullopt;
    const auto drawn = stats::draw_blocks(seconds.whole.size(), length, random);
    result.whole.draws.push_back(seconds.whole.figures(drawn));
    for (const auto& [name, step] : seconds.steps) result.steps[name].draws.push_back(step.figures(drawn));
  }
  return result;
}

std::optional<Difference> difference_of(std::size_t figure, const Resampled& now,
                                        std::span<const Resampled* const> before) {
  Difference result;
  result.more_is_better = kComparedFigures[figure].more_is_better;
  result.now = now.figures[figure];
  result.before = mean_before(before, figure);
  if (!std::isfinite(result.now) || !std::isfinite(result.before)) return std::nullopt;
  const auto runs = static_cast<double>(before.size());
  double within = 0;
  double drawn_before = 0;
  double freedom = now.freedom;
  for (const Resampled* one : before) {
    within += variance_of(*one, figure) / runs;
    drawn_before += variance_drawn(*one, figure) / runs;
    freedom += one->freedom;
  }
  const double seconds = variance_of(now, figure) + within / runs;
  const double between = variance_between(before, figure, within) * (1 + 1 / runs);
  result.error = std::sqrt(seconds + between);
  if (!std::isfinite(result.error)) return std::nullopt;
  // Welch (1947) and Satterthwaite (1946).
  const double parts = seconds * seconds / freedom + (runs > 1 ? between * between / (runs - 1) : 0);
  result.freedom = parts > 0 ? (seconds + between) * (seconds + between) / parts : freedom;
  const double drawn = variance_drawn(now, figure) + drawn_before / runs;
  if (drawn <= 0) return result;
  const double now_mean = mean_of(now.draws, figure);
  std::vector<double> means;
  for (const Resampled* one : before) means.push_back(mean_of(one->draws, figure));
  for (std::size_t draw = 0; draw < now.draws.size(); ++draw) {
    double error = now.draws[draw][figure] - now_mean;
    for (std::size_t i = 0; i < before.size(); ++i) error -= (before[i]->draws[draw][figure] - means[i]) / runs;
    // What lies between runs, and between stretches, is scaled like the rest: its part in common is not known.
    result.draws.push_back(error / std::sqrt(drawn));
  }
  return result;
}

Difference difference_of_samples(const std::vector<double>& now, std::span<const std::vector<double>> before,
                                 int resamples, base::Random& random) {
  const auto runs = static_cast<double>(before.size());
  const Moments moments = moments_of(now);
  std::vector<Moments> moments_before;
  for (const std::vector<double>& one : before) moments_before.push_back(moments_of(one));
  Difference result;
  result.now = moments.mean;
  double within = 0;
  for (const Moments& one : moments_before) {
    result.before += one.mean / runs;
    within += one.error / runs;
  }
  double between = 0;
  for (const Moments& one : moments_before)
    between += runs > 1 ? (one.mean - result.before) * (one.mean - result.before) / (runs - 1) : 0;
  between = std::max(0.0, between - within) * (1 + 1 / runs);
  const double own = moments.error + within / runs;
  result.error = std::sqrt(own + between);
  double parts = moments.error * moments.error / moments.freedom;
  for (const Moments& one : moments_before) parts += std::pow(one.error / (runs * runs), 2) / one.freedom;
  if (runs > 1) parts += between * between / (runs - 1);
  // Where nothing scatters the error is 0 however far it reaches.
  if (parts > 0) result.freedom = std::max(1.0, (own + between) * (own + between) / parts);
  result.draws = normal_draws(result.error, resamples, random);
  return result;
}

Difference difference_of_values(double now, const std::vector<double>& before, int resamples, base::Random& random) {
  const Moments moments = moments_of(before);
  Difference result;
  result.now = now;
  result.before = moments.mean;
  result.error = std::sqrt(moments.error * static_cast<double>(before.size() + 1));
  result.freedom = moments.freedom;
  result.draws = normal_draws(result.error, resamples, random);
  return result;
}

}  // namespace loadlab
