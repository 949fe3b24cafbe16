#include "loadlab/plan/quantity.h"

#include <array>
#include <charconv>
#include <utility>

namespace loadlab {
namespace {

template <std::size_t size>
std::optional<double> look_up(const std::array<std::pair<std::string_view, double>, size>& table,
                              std::string_view unit) {
  for (const auto& [name, factor] : table) {
    if (name == unit) return factor;
  }
  return std::nullopt;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<Quantity> split_quantity(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;
  text = trimmed(text);
  std::size_t end = text.find_first_not_of("0123456789.");
  if (end == std::string_view::npos) end = text.size();
  const std::string_view digits = text.substr(0, end);
  if (digits.empty() || digits.size() > kMostDigits || digits.front() == '.' || digits.back() == '.') {
    return std::nullopt;
  }
  Quantity quantity;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), quantity.number);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  quantity.unit = trimmed(text.substr(end));
  return quantity;
}

std::optional<double> nanoseconds_per(std::string_view unit) {
  static constexpr auto kUnits = std::to_array<std::pair<std::string_view, double>>(
      {{"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}});
  return look_up(kUnits, unit);
}

std::optional<double> bytes_per(std::string_view unit) {
  static constexpr auto kUnits = std::to_array<std::pair<std::string_view, double>>(
      {{"B", 1.0}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}});
  return look_up(kUnits, unit);
}

std::optional<double> per_second(std::string_view unit) {
  static constexpr auto kUnits =
      std::to_array<std::pair<std::string_view, double>>({{"/s", 1.0}, {"/m", 1.0 / 60}, {"/h", 1.0 / 3600}});
  return look_up(kUnits, unit);
}

std::optional<double> megabytes_per(std::string_view unit) {
  constexpr double kBytesPerMegabyte = 1e6;
  const auto bytes = bytes_per(unit);
  return bytes ? std::optional(*bytes / kBytesPerMegabyte) : std::nullopt;
}

}  // namespace loadlab
