#include "loadlab/report/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loadlab {
namespace {

constexpr const char* kNothing = "—";

// Three significant digits, without an exponent and without zeros that say nothing. The limits lie where rounding would
// write a fourth.
std::string three_digits(double value) {
  const double size = std::abs(value);
  if (size >= 99.95 || value == 0) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  if (size >= 1) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3g}", value);
}

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

std::string format_ms(double milliseconds) {
  if (!std::isfinite(milliseconds)) return kNothing;
  const double size = std::abs(milliseconds);
  if (size == 0) return "0 ms";
  // The limits lie where rounding would write 1000 of the smaller unit.
  if (size < 0.9995) return three_digits(1000 * milliseconds) + " µs";
  if (size < 999.5) return three_digits(milliseconds) + " ms";
  return three_digits(milliseconds / 1000) + " s";
}

std::string format_value(double value, std::string_view unit) {
  if (!std::isfinite(value)) return kNothing;
  if (unit == "ms") return format_ms(value);
  if (unit == "%") return format_percent(value);
  if (unit == "/s") return format_rate(value);
  if (unit == "MB" && std::abs(value) >= 999.5) return three_digits(value / 1000) + " GB";
  const double rounded = std::round(value);
  const bool whole = std::abs(value) >= 1000 || (unit.empty() && value == rounded);
  const std::string number = whole
                                 ? (value < 0 ? "-" : "") + format_count(static_cast<std::uint64_t>(std::abs(rounded)))
                                 : three_digits(value);
  return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string format_counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

std::string format_percent(double percent) {
  if (!std::isfinite(percent)) return kNothing;
  if (percent > 0 && percent < 0.01) return "<0.01 %";
  if (percent > 99.99 && percent < 100) return ">99.99 %";
  if (percent >= 99.95 && percent < 100) return fmt::format("{:.2f} %", percent);
  return three_digits(percent) + " %";
}

std::string format_rate(double per_second) {
  if (!std::isfinite(per_second)) return kNothing;
  if (per_second >= 1000) return format_count(static_cast<std::uint64_t>(std::llround(per_second))) + "/s";
  return three_digits(per_second) + "/s";
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::string kept;
  std::size_t columns = 0;
  for (const char c : text) {
    if (starts_character(c) && ++columns == width) break;
    kept += c;
  }
  return kept + "…";
}

std::string shorten_middle(std::string_view text, std::size_t width) {
  const std::size_t columns = display_width(text);
  if (columns <= width) return std::string(text);
  if (width == 0) return "";
  const std::size_t head = width / 2;
  const std::size_t tail = width - 1 - head;
  std::string kept;
  std::size_t column = 0;  // of the character at hand, from 1
  for (const char c : text) {
    column += starts_character(c);
    if (column == head + 1 && starts_character(c)) kept += "…";
    if (column <= head || column > columns - tail) kept += c;
  }
  return kept;
}

std::string pad_right(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.append(width - std::min(width, display_width(text)), ' ');
  return padded;
}

std::string pad_left(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ') + std::string(text);
}

}  // namespace loadlab
