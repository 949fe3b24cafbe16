// Utilisation from CSV: ResourceId, HourStart, CpuPercent, MemoryPercent, NetworkBytes, DiskBytes, in any order.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/resource.h"
#include "costagent/ingest/columns.h"

namespace costagent {

// Not thread-safe.
class UtilisationParser {
 public:
  // Fails (invalid) when the header lacks ResourceId, HourStart or CpuPercent.
  static base::Result<UtilisationParser> create(std::span<const std::string_view> header);

  // Reads one record. Percentages are 0 to 100, bytes not negative; an empty field counts as 0.
  std::optional<LineProblem> parse(std::span<const std::string_view> fields, UtilisationSample& sample) const;

 private:
  UtilisationParser(std::vector<std::size_t> positions, std::size_t columns)
      : positions_(std::move(positions)), columns_(columns) {}

  std::vector<std::size_t> positions_;
  std::size_t columns_;
};

}  // namespace costagent
