// What somebody else says a month cost: an invoice, by service and perhaps by day.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"

namespace costagent {

// Which of several bills is meant; what is empty fits all.
struct BillChoice {
  std::string provider;  // by any of a cloud's names
  std::string billing_account;
  base::Day billing_period;  // its first day; 1970-01-01 is empty
  std::string currency;      // in capitals or not
};

struct Invoice {
  // By service and day; where the invoice has no days, all are the billing period's first.
  std::map<std::pair<std::string, base::Day>, base::Decimal> billed;
  bool has_days = true;

  base::Decimal total() const;
};

// Reads files of any form that bills come in, of which what fits the choice counts, or plain CSV with the columns
// `service`, `cost` and perhaps `date`. Fails as `open_bill` does, and with `invalid` on a line that can't be read: a
// sum that leaves something out proves nothing.
base::Result<Invoice> read_invoice(std::span<const std::string> paths, const BillChoice& choice);

}  // namespace costagent
