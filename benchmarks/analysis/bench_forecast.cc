// Judges forecasts by made-up costs of seeds that nothing was fitted to: error, coverage, speed. Exits 1 when a bar is
// missed. Days that are sure to cost nothing, and are forecast so, count for no coverage.
//
//   bench_forecast [--series 2000] [--seed 1000000] [--timed 10000]
//
// The error is the mean absolute one of 30 days, divided by that of the seasonal naive forecast within the past (MASE:
// Hyndman and Koehler 2006).
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "costagent/analyze/forecast.h"
#include "costagent/analyze/predict.h"
#include "costagent/analyze/trend.h"
#include "made_up_costs.h"

namespace {

constexpr int kAhead = 30;
constexpr int kDays = 400;

struct Score {
  int series = 0;
  int better = 0;  // than the seasonal naive forecast
  double ours = 0;
  double naive = 0;
  double true_model = 0;
  double inside_80 = 0;
  double inside_95 = 0;
  double width_80 = 0;
  double sums_80 = 0;
  double sums_95 = 0;
  int sums = 0;

  void add(const Score& other) {
    series += other.series;
    better += other.better;
    ours += other.ours;
    naive += other.naive;
    true_model += other.true_model;
    inside_80 += other.inside_80;
    inside_95 += other.inside_95;
    width_80 += other.width_80;
    sums_80 += other.sums_80;
    sums_95 += other.sums_95;
    sums += other.sums;
  }
};

costagent::Timeline timeline_of(const bench::MadeUp& made) { return {made.first, std::chrono::days(1)}; }

double scale_of(const std::vector<double>& past) {
  double sum = 0;
  double pairs = 0;
  for (std::size_t i = 7; i < past.size(); ++i) {
    const double change = std::abs(past[i] - past[i - 7]);
    if (!std::isfinite(change)) continue;
    sum += change;
    pairs += 1;
  }
  return pairs > 0 ? sum / pairs : 0;
}

double last_week(const bench::MadeUp& made, std::size_t ahead) {
  const double cost = made.past[made.past.size() - 7 + ahead % 7];
  return std::isfinite(cost) ? cost : 0;
}

Score score_of(const bench::MadeUp& made) {
  const auto end = made.first + std::chrono::days(made.past.size());
  const auto forecast = costagent::forecast_of({{}, "USD", made.first, made.past}, end, kAhead);
  Score score;
  score.series = 1;
  double scale = scale_of(made.past);
  if (!(scale > 0)) scale = std::max(made.past.back(), 1.0);
  double actual = 0;
  double unsure = 0;
  for (std::size_t h = 0; h < kAhead; ++h) {
    const auto& [day, value, bounds] = forecast->days[h];
    const double truth = made.future[h];
    score.ours += std::abs(truth - value) / scale / kAhead;
    score.naive += std::abs(truth - last_week(made, h)) / scale / kAhead;
    score.true_model += std::abs(truth - made.foreseen[h]) / scale / kAhead;
    score.width_80 += (bounds.high_80 - bounds.low_80) / scale / kAhead;
    actual += truth;
    if (made.foreseen[h] == 0 && value == 0) continue;
    unsure += 1;
    score.inside_80 += bounds.low_80 <= truth && truth <= bounds.high_80;
    score.inside_95 += bounds.low_95 <= truth && truth <= bounds.high_95;
  }
  score.inside_80 /= unsure;
  score.inside_95 /= unsure;
  score.better = score.ours < score.naive;
  if (forecast->sums.steps() >= kAhead) {
    const auto& bounds = forecast->total_bounds;
    score.sums = 1;
    score.sums_80 = bounds.low_80 <= actual && actual <= bounds.high_80;
    score.sums_95 = bounds.low_95 <= actual && actual <= bounds.high_95;
  }
  return score;
}

void print(const char* name, const Score& score) {
  const double n = score.series;
  fmt::print("{:<14} {:>6} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.3f} {:>9.1f} {:>8.1f} {:>8.1f} {:>8.2f} {:>8.1f} {:>8.1f}\n",
             name, score.series, score.ours / n, score.naive / n, score.true_model / n, score.ours / score.true_model,
             100 * score.better / n, 100 * score.inside_80 / n, 100 * score.inside_95 / n, score.width_80 / n,
             100 * score.sums_80 / std::max(score.sums, 1), 100 * score.sums_95 / std::max(score.sums, 1));
}

bool held(const char* what, double is, const char* relation, double bar, bool good) {
  fmt::print("{:<58} {:>8.3f}   wanted {} {:<6g} {}\n", what, is, relation, bar, good ? "" : "MISSED");
  return good;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

bool judge_coverage(const char* of, const Score& score, double margin) {
  const double at_80 = 100 * score.inside_80 / score.series;
  const double at_95 = 100 * score.inside_95 / score.series;
  const auto name = [of](int percent) { return fmt::format("coverage of the {} % interval, {}", percent, of); };
  const bool good =
      held(name(80).c_str(), at_80, fmt::format("within {} of", margin).c_str(), 80, std::abs(at_80 - 80) <= margin);
  return held(name(95).c_str(), at_95, fmt::format("within {} of", margin).c_str(), 95,
              std::abs(at_95 - 95) <= margin) &&
         good;
}

bool judge_error(const Score& all, const Score& no_weekends) {
  const double n = all.series;
  bool good =
      held("share of series with less error than seasonal naive", all.better / n, ">=", 0.8, all.better >= 0.8 * n);
  good &= held("error, in those of the true model", all.ours / all.true_model, "<=", 1.15,
               all.ours <= 1.15 * all.true_model);
  good &= judge_coverage("all", all, 3);
  // As much as some hundred series tell; what takes their silent days for missing ones is 50 % too high.
  if (no_weekends.series >= 50) good &= judge_coverage("no weekends", no_weekends, 5);
  return good;
}

bool judge_speed(std::uint64_t seed, int series) {
  std::vector<bench::MadeUp> made;
  for (int i = 0; made.size() < 500; ++i) {
    made.push_back(bench::make_up(seed + static_cast<std::uint64_t>(i), kDays, kAhead));
    if (made.back().past.size() < kDays) made.pop_back();
  }
  double sum = 0;
  const double begin = cpu_seconds();
  for (int i = 0; i < series; ++i) {
    const bench::MadeUp& one = made[static_cast<std::size_t>(i) % made.size()];
    const auto trend = costagent::trend_of({{}, "USD", one.first, one.past});
    if (trend) sum += trend->change_low;
  }
  const double middle = cpu_seconds();
  for (int i = 0; i < series; ++i) {
    const bench::MadeUp& one = made[static_cast<std::size_t>(i) % made.size()];
    sum += costagent::predict(timeline_of(one), one.past, kAhead)->values[0].value;
  }
  const double end = cpu_seconds();
  const double times = 10'000.0 / series;
  if (!std::isfinite(sum)) return false;
  bool good = held("CPU seconds, trends and change points of 10,000 x 400", (middle - begin) * times, "<", 5,
                   (middle - begin) * times < 5);
  good &= held("CPU seconds, forecasts of 10,000 x 400", (end - middle) * times, "<", 40, (end - middle) * times < 40);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  int series = 2000;
  int timed = 10'000;
  std::uint64_t seed = 1'000'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--series") series = std::atoi(argv[i + 1]);
    if (option == "--timed") timed = std::atoi(argv[i + 1]);
    if (option == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  std::array<Score, bench::kKinds> by_kind{};
  Score all;
  for (int i = 0; i < series; ++i) {
    const auto made = bench::make_up(seed + static_cast<std::uint64_t>(i), kDays, kAhead);
    const Score score = score_of(made);
    by_kind[static_cast<std::size_t>(made.kind)].add(score);
    all.add(score);
  }
  fmt::print("{:<14} {:>6} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "kind", "series", "MASE",
             "naive", "true", "to true", "better %", "in 80 %", "in 95 %", "width", "sum 80", "sum 95");
  for (int kind = 0; kind < bench::kKinds; ++kind)
    print(bench::name_of(static_cast<bench::Kind>(kind)), by_kind[static_cast<std::size_t>(kind)]);
  print("all", all);
  bool good = judge_error(all, by_kind[static_cast<std::size_t>(bench::Kind::no_weekends)]);
  if (timed > 0) good &= judge_speed(seed, timed);
  return good ? 0 : 1;
}
