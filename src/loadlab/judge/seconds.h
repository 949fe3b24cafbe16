// The seconds of a test, made ready to be drawn from again and again. For comparison.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
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
inline constexpr std::array<ComparedFigure, 8> kComparedFigures{{{"requests_per_second", true},
                                                                 {"error_rate_percent"},
                                                                 {"avg_response_time_ms"},
                                                                 {"p50_response_time_ms"},
                                                                 {"p95_response_time_ms"},
                                                                 {"p99_response_time_ms"},
                                                                 {"cpu_ms_per_request"},
                                                                 {"avg_memory_mb"}}};
// One value for each of them; what was not observed is NaN.
using Figures = std::array<double, kComparedFigures.size()>;

class Seconds {
 public:
  // Longer tests are joined to so many stretches: more say hardly more of the scatter.
  static constexpr std::size_t kMost = 300;

  // Without the warm-up, and without the last second, in which the load ends. `cores` of the machine. Fails with
  // `corrupt` where the times of one can't be read.
  static base::Result<Seconds> of(const TestRecord& test, int cores);

  std::size_t size() const { return rows_.size(); }
  // How long stretches of neighbours resemble each other, and by what the variance of what is drawn in such stretches
  // is too small.
  struct Stretch {
    std::size_t length = 1;
    double variance_lost = 1;
  };
  Stretch stretch() const;
  // Of these of its seconds.
  Figures figures(std::span<const std::size_t> drawn) const;
  Figures figures() const;

 private:
  struct Row {
    double seconds = 0;
    double requests = 0;
    double errors = 0;
    double cpu = 0;                                       // percent of the machine × seconds
    double memory = 0;                                    // MB × seconds
    std::vector<std::pair<std::uint32_t, double>> times;  // place in `values_`, count
  };

  double cpu_to_ms_ = 0;  // a second of one percent of the machine, in milliseconds of a core
  std::vector<Row> rows_;
  std::vector<double> values_;  // the response times that occur, ms, ascending
};

}  // namespace loadlab
