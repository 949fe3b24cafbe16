// The seconds of a test, made ready to be drawn from again and again. For comparison.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "loadlab/history/record.h"

namespace loadlab {

struct ComparedFigure {
  std::string_view name;  // as in the summary
  bool more_is_better = false;
};
inline constexpr std::array<ComparedFigure, 9> kComparedFigures{{{"requests_per_second", true},
                                                                 {"error_rate_percent"},
                                                                 {"avg_response_time_ms"},
                                                                 {"p50_response_time_ms"},
                                                                 {"p95_response_time_ms"},
                                                                 {"p99_response_time_ms"},
                                                                 {"cpu_ms_per_request"},
                                                                 {"avg_memory_mb"},
                                                                 {"dropped_iterations_per_second"}}};
// Places in it.
inline constexpr std::size_t kErrorRate = 1;
inline constexpr std::size_t kP95 = 4;
inline constexpr std::size_t kCpu = 6;
inline constexpr std::size_t kMemory = 7;
inline constexpr std::size_t kDropped = 8;
// One value for each of them; what was not observed is NaN.
using Figures = std::array<double, kComparedFigures.size()>;

class Seconds {
 public:
  // Longer tests are joined to so many stretches: more say hardly more of the scatter.
  static constexpr std::size_t kMost = 300;

  // Each block is a second, or some. `cores` of the machine. Fails with `corrupt` where the times of one can't be read.
  static base::Result<Seconds> of(std::span<const Block> blocks, int cores);

  std::size_t size() const { return rows_.size(); }
  double requests() const;
  double errors() const;
  double dropped() const;
  // How many have a reading of the target's CPU, or memory. What these figures are taken of are those alone.
  std::size_t with_cpu() const;
  std::size_t with_memory() const;
  // How long stretches of neighbours resemble each other, and by what the variance of what is drawn in such stretches
  // is too small.
  struct Stretch {
    std::size_t length = 1;
    double variance_lost = 1;
  };
  Stretch stretch() const;
  // Of stretches of a given length.
  double variance_lost(std::size_t length) const;
  // Of these of its seconds.
  Figures figures(std::span<const std::size_t> drawn) const;
  Figures figures() const;

 private:
  struct Row {
    double seconds = 0;
    double requests = 0;
    double errors = 0;
    double dropped = 0;
    // Of those with a reading: percent of the machine × seconds, and the requests meanwhile; MB × seconds, and these.
    double cpu = 0;
    double cpu_requests = 0;
    double memory = 0;
    double memory_seconds = 0;
    bool has_cpu = false;
    bool has_memory = false;
    std::vector<std::pair<std::uint32_t, double>> times;  // place in `values_`, count
  };

  std::vector<double> rates() const;
  std::vector<double> means() const;

  double cpu_to_ms_ = 0;  // a second of one percent of the machine, in milliseconds of a core
  std::vector<Row> rows_;
  std::vector<double> values_;  // the response times that occur, ms, ascending
};

// A test's, and those of each step that was told apart, by name; all with the same seconds.
struct MeasuredSeconds {
  Seconds whole;
  std::vector<std::pair<std::string, Seconds>> steps;
};

// Without the warm-up, and without the last second, in which the load ends. Fails with `corrupt` as above.
base::Result<MeasuredSeconds> measured_seconds(const TestRecord& test, int cores);

}  // namespace loadlab
