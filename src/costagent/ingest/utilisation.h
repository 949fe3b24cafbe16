// Utilisation from CSV: ResourceId, HourStart, CpuPercent, MemoryPercent, NetworkBytes, DiskBytes, in any order.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/resource.h"
#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/columns.h"
#include "costagent/ingest/fields.h"

namespace costagent {

// Not thread-safe.
class UtilisationParser final : public LineParser<UtilisationSample> {
 public:
  // Fails (invalid) when the header lacks ResourceId, HourStart or CpuPercent.
  static base::Result<UtilisationParser> create(std::span<const std::string_view> header);

  explicit UtilisationParser(Layout layout) : layout_(std::move(layout)) {}

  // Reads one record. Percentages are 0 to 100, bytes not negative; an empty field counts as 0.
  std::optional<LineProblem> parse(std::span<const std::string_view> fields, UtilisationSample& sample) override;

 private:
  Layout layout_;
};

bool is_utilisation(const NameSet& names);
base::Result<BillForm> open_utilisation(RecordSource& source);

}  // namespace costagent
