// Charges from Google Cloud's billing export: of BigQuery, standard and detailed, as JSON lines or flattened to CSV;
// and the daily CSV files that came before it.
//
// Source: Google, "Structure of Standard data export", "Structure of Detailed data export". docs/bills.md has the
// rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/fields.h"

namespace costagent {

// Not thread-safe.
class GcpParser final : public ChargeParser {
 public:
  explicit GcpParser(Layout layout) : layout_(std::move(layout)) {}

  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Charge& charge) override;

 private:
  void read_texts(Fields& fields, Charge& charge);
  void read_times(Fields& fields, Charge& charge);
  void read_category(Fields& fields, Charge& charge);
  void read_costs(Fields& fields, Charge& charge);
  void read_credits(Fields& fields, Charge& charge, base::Decimal& sum);

  Layout layout_;  // by the order of the table in gcp.cc
  TimeReader starts_;
  TimeReader ends_;
};

// The daily CSV files, whose columns are `Line Item`, `Measurement1`, `Credit1 Amount` … Not thread-safe.
class GcpDailyParser final : public ChargeParser {
 public:
  // `names` is the source's, for the columns of credits, of which there are as many as a file needs.
  GcpDailyParser(Layout layout, std::span<const std::string_view> names);

  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Charge& charge) override;

 private:
  Layout layout_;
  std::vector<std::size_t> credits_;  // positions
  TimeReader starts_;
  TimeReader ends_;
};

bool is_gcp(const NameSet& names);
base::Result<BillForm> open_gcp(RecordSource& source);
bool is_gcp_daily(const NameSet& names);
base::Result<BillForm> open_gcp_daily(RecordSource& source);

}  // namespace costagent
