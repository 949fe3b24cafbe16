#include "loadlab/report/live_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "loadlab/report/units.h"

namespace loadlab {
namespace {

constexpr std::size_t kBarWidth = 12;
constexpr std::size_t kLongestName = 24;

std::string bar(double share) {
  const auto filled = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * kBarWidth));
  std::string text;
  for (std::size_t i = 0; i < kBarWidth; ++i) text += i < filled ? "━" : "─";
  return text;
}

}  // namespace

std::string live_line(const Live& live, int width) {
  const double share = live.planned_seconds > 0 ? live.elapsed_seconds / live.planned_seconds : 0;
  std::vector<std::string> parts = {
      shorten(live.test, kLongestName),
      fmt::format("{} {:.0f}/{:.0f} s", bar(share), live.elapsed_seconds, live.planned_seconds),
  };
  if (live.last != nullptr) {
    parts.push_back(format_counted(static_cast<std::uint64_t>(std::llround(live.last->users)), "user"));
    parts.push_back(format_rate(static_cast<double>(live.last->requests)));
    parts.push_back("p95 " + format_ms(live.last->response_p95_ms));
    parts.push_back(format_counted(live.errors, "error"));
    if (std::isfinite(live.last->cpu_percent)) parts.push_back("cpu " + format_percent(live.last->cpu_percent));
  }
  constexpr std::string_view kBetween = "  ";
  std::string line;
  const auto room = static_cast<std::size_t>(std::max(width - 1, 0));  // a full line would wrap on some terminals
  for (const std::string& part : parts) {
    const std::size_t needed = display_width(line) + (line.empty() ? 0 : kBetween.size()) + display_width(part);
    if (needed > room) break;
    if (!line.empty()) line += kBetween;
    line += part;
  }
  return line;
}

std::string test_headline(const TestResult& test) {
  if (test.verdict == Verdict::error) return fmt::format("  {}: {}", name_of(test.verdict), test.failure);
  if (test.kind != TestKind::load) {
    return fmt::format("  {}: {}", name_of(test.verdict),
                       test.sweep ? format_counted(test.sweep->points.size(), "point")
                                  : format_counted(test.benchmarks.size(), "benchmark"));
  }
  const auto& response = test.total.timings.response;
  return fmt::format("  {}: {}, {}, p95 {}, {}{}{}", name_of(test.verdict),
                     format_counted(test.total.requests, "request"), format_rate(test.requests_per_second()),
                     format_ms(static_cast<double>(response.percentile(95)) / 1e6),
                     format_counted(test.total.failed, "error"), test.stopped.empty() ? "" : "; ", test.stopped);
}

}  // namespace loadlab
