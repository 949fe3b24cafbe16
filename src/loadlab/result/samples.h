// Figures that were measured several times: of benchmarks, and of the points of a sweep.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loadlab {

// What a test is made of.
enum class TestKind { load, benchmark, sweep };
std::string_view name_of(TestKind kind);

struct SampledFigure {
  std::string name;  // cpu_time, items_per_second; of a sweep, as the summary has it: p95_response_time_ms
  std::string unit;  // "ms", "%", "MB", "/s" or ""
  std::vector<double> values;

  // Of no values all are 0.
  double median() const;
  double minimum() const;
  double maximum() const;
  double average() const;
  // The standard deviation as a percentage of the mean; 0 of a single value, and around a mean of 0.
  double variation_percent() const;
};

struct BenchmarkResult {
  std::string name;  // with its arguments: "BM_parse/8"
  std::vector<SampledFigure> figures;
  std::string error;      // why it could not be run; else empty
  std::string skipped{};  // why it, or a repetition of it, was not meant to run here, in its own words; else empty

  const SampledFigure* find(std::string_view figure) const;
};

struct SweepPointResult {
  std::string name;                                             // "workers=4, pool=8"
  std::vector<std::pair<std::string, std::string>> parameters;  // by the names of the sweep
  int runs = 0;                                                 // that were carried out
  std::vector<SampledFigure> figures;                           // a value of each run

  const SampledFigure* find(std::string_view figure) const;
};

// The Universal Scalability Law over the points of a sweep (stats/scalability.h).
struct ScalingFit {
  double rate_of_one = 0;
  double sigma = 0;                // contention
  double kappa = 0;                // coherency
  std::optional<double> best_at;   // of the parameter, beyond which the rate falls; none where it never does
  double worst_error_percent = 0;  // of a point's rate
};

struct SweepResult {
  std::vector<std::string> parameters;
  std::vector<SweepPointResult> points;  // in the plan's order
  std::optional<ScalingFit> scaling;     // of a single numeric parameter
};

}  // namespace loadlab
