#include <algorithm>

#include "loadlab/judge/trust.h"

namespace loadlab {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;

// Shares of requests, in percent, whose lag is left out of L: one of them fits lags of any shape well.
constexpr double kLeftOut[] = {0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5};

}  // namespace

double percentile_error_ms(const Timings& timings, double percent) {
  const auto response = [&](double at) { return static_cast<double>(timings.response.percentile(at)); };
  double least = static_cast<double>(timings.send_lag.max());
  for (const double left_out : kLeftOut) {
    if (left_out >= percent) break;
    const auto lag = static_cast<double>(timings.send_lag.percentile(100 - left_out));
    least = std::min(least, response(percent) - response(percent - left_out) + lag);
  }
  return std::min(least, response(percent)) / kNanosecondsPerMillisecond;
}

}  // namespace loadlab
