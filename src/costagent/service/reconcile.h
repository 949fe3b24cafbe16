// Compares what is here of a billing period with an invoice, and names where they differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "costagent/domain/fact_store.h"
#include "costagent/service/invoice.h"

namespace costagent {

struct ReconcileRequest {
  std::string customer;
  BillChoice bill;
  std::optional<base::Decimal> total;  // of the invoice; or
  std::vector<std::string> files;      // its lines (read_invoice), from which the total follows
  // Decimal places that the total was rounded to; what its currency has are taken for granted (two of USD, none of
  // JPY). None: it has to agree to the last digit.
  std::optional<int> places{};
};

// A service on a day, or in the whole period where the invoice has no days.
struct ReconcileLine {
  std::string service;
  std::optional<base::Day> day;
  base::Decimal invoice;
  base::Decimal here;

  base::Decimal difference() const { return here - invoice; }
};

struct ReconcileReport {
  static constexpr std::size_t kMaxLines = 50;
  static constexpr std::size_t kMaxHints = 5;

  std::string currency;
  base::Decimal invoice;
  base::Decimal here;
  std::optional<int> places;         // that totals were compared at; none: all
  std::vector<Bill> bills;           // that were summed
  std::vector<ReconcileLine> lines;  // those that differ, most first; none without the invoice's lines
  std::size_t differing = 0;         // listed or not
  // Sentences: what of the bill is exactly the difference, where only the total is known.
  std::vector<std::string> hints;

  base::Decimal difference() const { return here - invoice; }
  // Halves may be rounded up or to the even digit: invoices have both.
  bool agrees() const;
};

// The customer's bills that fit, the newest first. Fails with `not_found` when there is no such customer, or none fits;
// then it is said which ones there are.
base::Result<std::vector<Bill>> find_bills(FactStore& facts, const std::string& customer, const BillChoice& choice);

// Blocks; thread-safe. Billed costs are compared, as invoices have them. Fails with `not_found` when there is no such
// bill, `invalid` when there are several currencies and none is chosen, and as `read_invoice` and the store do.
base::Result<ReconcileReport> reconcile(FactStore& facts, const ReconcileRequest& request);

}  // namespace costagent
