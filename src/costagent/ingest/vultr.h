// Charges from Vultr's invoices: the items that its API lists (`invoice_items`, `pending_charges`), as JSON or as CSV
// of the same names.
//
// Source: Vultr API v2, "List Invoice Items". It names neither an account nor a currency: Vultr bills in US dollars.
#pragma once

#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/fields.h"

namespace costagent {

// Not thread-safe.
class VultrParser final : public ChargeParser {
 public:
  explicit VultrParser(Layout layout) : layout_(std::move(layout)) {}

  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Charge& charge) override;

 private:
  Layout layout_;  // by the order of the table in vultr.cc
  TimeReader starts_;
  TimeReader ends_;
};

bool is_vultr(const NameSet& names);
base::Result<BillForm> open_vultr(RecordSource& source);

}  // namespace costagent
