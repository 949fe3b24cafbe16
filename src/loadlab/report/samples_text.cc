#include "loadlab/report/samples_text.h"

#include <fmt/format.h>

#include "loadlab/report/text_table.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

std::string median_of(const SampledFigure* figure) {
  return figure ? format_value(figure->median(), figure->unit) : "—";
}

std::string benchmarks_text(const std::vector<BenchmarkResult>& benchmarks, std::size_t width) {
  TextTable table(width, {"counters", "max", "min", "real"});
  table.add({"benchmark", "CPU", "real", "min", "max", "cv", "counters"});
  for (const BenchmarkResult& one : benchmarks) {
    const SampledFigure* cpu = one.find("cpu_time");
    table.add({one.name, median_of(cpu), median_of(one.find("real_time")), cpu ? format_ms(cpu->minimum()) : "—",
               cpu ? format_ms(cpu->maximum()) : "—", cpu ? format_percent(cpu->variation_percent()) : "—",
               counters_of(one)});
  }
  return "\n" + table.text("  ");
}

std::string sweep_text(const SweepResult& sweep, std::size_t width) {
  TextTable table(width, {"runs", "p50", "memory", "errors", "CPU", "p99"});
  std::vector<std::string> headings = {fmt::format("{}", fmt::join(sweep.parameters, ", ")), "runs"};
  for (const SweepColumn& column : kSweepColumns) headings.emplace_back(column.heading);
  table.add(std::move(headings));
  for (const SweepPointResult& point : sweep.points) {
    std::vector<std::string> row = {point.name, std::to_string(point.runs)};
    for (const SweepColumn& column : kSweepColumns) row.push_back(median_of(point.find(column.figure)));
    table.add(std::move(row));
  }
  std::string text = "\n" + table.text("  ");
  if (sweep.scaling) text += wrapped("  scaling: ", scaling_sentence(*sweep.scaling), width);
  return text;
}

}  // namespace

std::string counters_of(const BenchmarkResult& benchmark) {
  std::string text;
  for (const SampledFigure& figure : benchmark.figures) {
    if (figure.name == "cpu_time" || figure.name == "real_time") continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", figure.name, format_value(figure.median(), figure.unit));
  }
  return text.empty() ? "—" : text;
}

std::string scaling_sentence(const ScalingFit& fit) {
  return fmt::format(
      "by the Universal Scalability Law {} of the work is done by one at a time, and agreeing with each other costs {} "
      "a pair; {}. The law is off by {} at most.",
      format_percent(100 * fit.sigma), format_percent(100 * fit.kappa),
      fit.best_at ? fmt::format("the rate is highest at {:.3g}", *fit.best_at) : "the rate never falls",
      format_percent(fit.worst_error_percent));
}

std::string samples_text(const TestResult& test, std::size_t width) {
  if (test.sweep) return sweep_text(*test.sweep, width);
  return test.benchmarks.empty() ? "" : benchmarks_text(test.benchmarks, width);
}

}  // namespace loadlab
