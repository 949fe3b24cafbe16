#include "loadlab/result/samples.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "stats/robust.h"

namespace loadlab {
namespace {

template <class Figures>
const SampledFigure* find_in(const Figures& figures, std::string_view name) {
  const auto found =
      std::find_if(figures.begin(), figures.end(), [&](const SampledFigure& one) { return one.name == name; });
  return found == figures.end() ? nullptr : &*found;
}

}  // namespace

std::string_view name_of(TestKind kind) {
  switch (kind) {
    case TestKind::benchmark:
      return "benchmark";
    case TestKind::sweep:
      return "sweep";
    case TestKind::load:
      break;
  }
  return "load";
}

double SampledFigure::median() const { return stats::median(values).value_or(0); }

double SampledFigure::minimum() const { return values.empty() ? 0 : *std::min_element(values.begin(), values.end()); }

double SampledFigure::maximum() const { return values.empty() ? 0 : *std::max_element(values.begin(), values.end()); }

double SampledFigure::average() const {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double SampledFigure::variation_percent() const {
  const double mean = average();
  if (values.size() < 2 || mean == 0) return 0;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return 100 * std::sqrt(squares / static_cast<double>(values.size() - 1)) / std::abs(mean);
}

const SampledFigure* BenchmarkResult::find(std::string_view figure) const { return find_in(figures, figure); }

const SampledFigure* SweepPointResult::find(std::string_view figure) const { return find_in(figures, figure); }

}  // namespace loadlab
