// Charges from Azure's cost exports: of Enterprise Agreements, by their old and their new names, and of Microsoft
// Customer Agreements; of actual and of amortized cost, which each line tells by itself.
//
// Source: Microsoft, "Understand usage details fields" and "Convert cost and usage data to FOCUS". docs/bills.md has
// the rules.
#pragma once

#include <string>
#include <string_view>

#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/fields.h"

namespace costagent {

// `2024-09-30`, with or without a time; or `9/30/2024`, month first, as the exports write it.
base::Result<base::Seconds> parse_azure_time(std::string_view text);

// Not thread-safe.
class AzureParser final : public ChargeParser {
 public:
  explicit AzureParser(Layout layout) : layout_(std::move(layout)) {}

  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Charge& charge) override;

 private:
  void read_texts(Fields& fields, Charge& charge);
  void read_resource(Fields& fields, Charge& charge);
  void read_times(Fields& fields, Charge& charge);
  void read_costs(Fields& fields, Charge& charge);
  void read_prices(Fields& fields, Charge& charge);

  Layout layout_;  // by the order of the table in azure.cc
  TimeReader days_{parse_azure_time};
  TimeReader billing_starts_{parse_azure_time};
};

bool is_azure(const NameSet& names);
base::Result<BillForm> open_azure(RecordSource& source);

}  // namespace costagent
