// Charges from AWS Cost and Usage Reports: the legacy ones (`lineItem/UnblendedCost`) and CUR 2.0 of AWS Data Exports
// (`line_item_unblended_cost`), whose columns are the same by their keys.
//
// Source: AWS, Cost and Usage Report user guide, "Data dictionary" and "Understanding your amortized costs".
// docs/bills.md has the rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/fields.h"

namespace costagent {

// Not thread-safe.
class AwsCurParser final : public ChargeParser {
 public:
  // `names` is the source's, for the columns of tags.
  AwsCurParser(Layout layout, std::span<const std::string_view> names);

  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Charge& charge) override;

 private:
  struct TagColumn {
    std::size_t position;
    std::string key;
  };

  void read_texts(Fields& fields, Charge& charge);
  void read_service(Fields& fields, Charge& charge);
  void read_region(Fields& fields, Charge& charge);
  void read_tags_of(Fields& fields, std::span<const std::string_view> record, Charge& charge);
  void read_times(Fields& fields, Charge& charge);
  void read_costs(Fields& fields, Charge& charge);
  void read_prices(Fields& fields, bool plain, Charge& charge);
  void read_billed(Fields& fields, std::string_view type, Charge& charge);
  void read_effective(Fields& fields, std::string_view type, Charge& charge);

  Layout layout_;  // by the order of the table in aws_cur.cc
  std::vector<TagColumn> tag_columns_;
  bool amortises_reservations_;
  bool amortises_plans_;
  TimeReader starts_;
  TimeReader ends_;
  TimeReader billing_starts_;
};

bool is_aws_cur(const NameSet& names);
base::Result<BillForm> open_aws_cur(RecordSource& source);

}  // namespace costagent
