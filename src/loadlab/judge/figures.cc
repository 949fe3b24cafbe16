#include "loadlab/judge/figures.h"

#include <fmt/format.h>

#include <cmath>

namespace loadlab {

std::string figure(double value) {
  const double size = std::abs(value);
  if (size >= 100 || size == std::floor(size)) return fmt::format("{:.0f}", value);
  if (size >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string amount(double value, std::string_view unit) {
  constexpr double kMegabytes = 1000;  // of a gigabyte
  if (unit == "MB" && std::abs(value) >= kMegabytes) return figure(value / kMegabytes) + " GB";
  return figure(value) + (unit.empty() ? "" : " ") + std::string(unit);
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string span_of(double seconds) {
  constexpr double kMinute = 60;
  constexpr double kHour = 3600;
  if (seconds < 2 * kMinute) return fmt::format("{:.0f} s", std::ceil(seconds));
  if (seconds < 2 * kHour) return fmt::format("{:.0f} min", std::ceil(seconds / kMinute));
  return fmt::format("{:.1f} h", seconds / kHour);
}

}  // namespace loadlab
