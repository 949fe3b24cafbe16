#include "loadlab/plan/bound_unit.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "loadlab/plan/quantity.h"

namespace loadlab {

BoundUnit unit_of_probe(std::string_view unit) {
  static constexpr auto kUnits =
      std::to_array<std::pair<std::string_view, BoundUnit>>({{"%", BoundUnit::percent},
                                                             {"MB", BoundUnit::megabytes},
                                                             {"MB/s", BoundUnit::megabytes_a_second},
                                                             {"ms", BoundUnit::time},
                                                             {"/s", BoundUnit::rate}});
  for (const auto& [name, kind] : kUnits) {
    if (name == unit) return kind;
  }
  return BoundUnit::count;
}

std::optional<double> factor_of(BoundUnit kind, Aggregate aggregate, std::string_view unit) {
  constexpr double kNanosecondsPerMillisecond = 1e6;
  switch (kind) {
    case BoundUnit::time: {
      const auto nanoseconds = nanoseconds_per(unit);
      return nanoseconds ? std::optional(*nanoseconds / kNanosecondsPerMillisecond) : std::nullopt;
    }
    case BoundUnit::percent:
      return unit == "%" ? std::optional(1.0) : std::nullopt;
    case BoundUnit::megabytes_a_second:
      if (!unit.ends_with("/s") && aggregate != Aggregate::per_request) return std::nullopt;
      if (unit.ends_with("/s")) unit.remove_suffix(2);
      [[fallthrough]];
    case BoundUnit::megabytes:
      return megabytes_per(unit);
    case BoundUnit::bytes:
      return bytes_per(unit);
    case BoundUnit::rate:
      if (aggregate != Aggregate::per_request) return per_second(unit);
      return unit.empty() ? std::optional(1.0) : std::nullopt;
    case BoundUnit::rate_or_count:
      if (aggregate == Aggregate::rate) return per_second(unit);
      return unit.empty() ? std::optional(1.0) : std::nullopt;
    case BoundUnit::count:
      return unit.empty() ? std::optional(1.0) : std::nullopt;
  }
  return std::nullopt;
}

std::string_view units_of(BoundUnit kind, Aggregate aggregate) {
  switch (kind) {
    case BoundUnit::time:
      return "a time: us, ms, s, m or h, as in 300ms";
    case BoundUnit::percent:
      return "a percentage, as in 1%";
    case BoundUnit::megabytes:
    case BoundUnit::bytes:
      return "B, KB, MB, GB, KiB, MiB or GiB, as in 512MB";
    case BoundUnit::megabytes_a_second:
      return aggregate == Aggregate::per_request ? "a size, as in 10KB" : "a size a second, as in 10MB/s";
    case BoundUnit::rate:
      return aggregate == Aggregate::per_request ? "a plain number, as in 3" : "a rate: /s, /m or /h, as in 500/s";
    case BoundUnit::rate_or_count:
      return aggregate == Aggregate::rate ? "a rate: /s, /m or /h, as in 500/s" : "a plain number, as in 1000";
    case BoundUnit::count:
      return "a plain number, as in 1000";
  }
  return "";
}

std::string with_meant_unit(double number, std::string_view written, BoundUnit kind) {
  constexpr double kMostSeconds = 30;  // nobody waits longer: what is more was thought of in milliseconds
  std::string_view unit;
  if (kind == BoundUnit::time) unit = number <= kMostSeconds ? "s" : "ms";
  if (kind == BoundUnit::percent) unit = "%";
  if (kind == BoundUnit::megabytes) unit = "MB";
  if (kind == BoundUnit::megabytes_a_second) unit = "MB/s";
  if (kind == BoundUnit::bytes) unit = "B";
  if (kind == BoundUnit::rate || kind == BoundUnit::rate_or_count) unit = "/s";
  return fmt::format("{}{}", written, unit);
}

}  // namespace loadlab
