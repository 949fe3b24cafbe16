// Charges from FOCUS files (FinOps Open Cost and Usage Specification), versions 1.0 to 1.4, the dataset Cost and Usage.
//
// Columns are found by name in any order, also under the names that 1.3 gave some of them and under those of the
// previews. Columns that Charge doesn't have are passed over here; the store keeps them with the raw line.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/charge.h"
#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/columns.h"
#include "costagent/ingest/fields.h"

namespace costagent {

// Not thread-safe.
class FocusParser final : public ChargeParser {
 public:
  // From the file's first record. Fails (invalid) when it lacks a column that no bill can do without.
  static base::Result<FocusParser> create(std::span<const std::string_view> header);

  explicit FocusParser(Layout layout) : layout_(std::move(layout)) {}

  // Reads one record into `charge`, whose strings are used again. What is wrong, if something is, names the column.
  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Charge& charge) override;

 private:
  void read_texts(Fields& fields, Charge& charge);
  void read_provider(Fields& fields, Charge& charge);
  void read_category(Fields& fields, Charge& charge);
  void read_times(Fields& fields, Charge& charge);
  void read_costs(Fields& fields, Charge& charge);
  void read_prices(Fields& fields, Charge& charge);

  Layout layout_;  // by the order of the table in focus.cc
  TimeReader starts_;
  TimeReader ends_;
  TimeReader billing_starts_;
};

bool is_focus(const NameSet& names);
base::Result<BillForm> open_focus(RecordSource& source);

}  // namespace costagent
