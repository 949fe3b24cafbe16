// Where facts are read from: what a database must be able to do for FactReader. One view of one moment, made for a call
// and gone after it; used by one thread. Errors as in domain/fact_store.h.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/store/detail_rows.h"
#include "costagent/store/rollup.h"
#include "costagent/store/slice.h"

namespace costagent {

// Rows of one rollup, one by one, in the order of time.
class RollupCursor {
 public:
  virtual ~RollupCursor() = default;
  // False after the last. `flush` is not read.
  virtual base::Result<bool> next(RollupRow& row) = 0;
};

// Rows of what is told besides costs, one by one.
template <class Row>
class FactCursor {
 public:
  virtual ~FactCursor() = default;
  // False after the last.
  virtual base::Result<bool> next(Row& row) = 0;
};

struct UtilisationSum {
  std::int64_t hours = 0;
  double cpu_sum = 0;
  double cpu_max = 0;
  double memory_sum = 0;
  double memory_max = 0;
  double network_sum = 0;
  double disk_sum = 0;
};

// A part that counts, and what it has in one currency.
struct BillPart {
  std::int64_t part = 0;
  std::int64_t provider = 0;
  std::int64_t billing_account = 0;
  std::int64_t billing_period = 0;
  std::int64_t first_day = 0;
  std::int64_t last_day = -1;
  std::int64_t rows = 0;
  std::int64_t currency = 0;
  Costs costs;
};

class FactSource {
 public:
  virtual ~FactSource() = default;

  // A text's number, or none if no bill has it; and a number's text.
  virtual base::Result<std::optional<std::int64_t>> find_text(std::string_view text) = 0;
  virtual base::Result<std::string> text(std::int64_t id) = 0;
  virtual base::Result<SliceIds> slice(std::int64_t id) = 0;

  // Told what is going to be asked for: a database that is a network away is then asked once. Of texts only those that
  // something published refers to; of resources those that `resource` and `utilisation` are asked for.
  virtual base::Result<> expect_texts(std::span<const std::int64_t>) { return {}; }
  virtual base::Result<> expect_resources(std::int64_t /*customer*/, std::span<const std::int64_t> /*resources*/,
                                          Period /*period*/) {
    return {};
  }

  // Ascending. Their rows are among those that are read, and don't count.
  virtual base::Result<std::vector<std::int64_t>> hidden_parts(std::int64_t customer) = 0;

  // Of charges, the newest billing period first.
  virtual base::Result<std::vector<BillPart>> bill_parts(std::int64_t customer) = 0;

  // `from` and `to` are days' numbers, `to` not included. One cursor at a time.
  virtual base::Result<std::unique_ptr<RollupCursor>> rollup(Rollup rollup, std::int64_t customer, std::int64_t from,
                                                             std::int64_t to) = 0;

  // By time; with `hours` only where the grain says so. A month's row is of its first day.
  virtual base::Result<std::unique_ptr<FactCursor<CoverageRow>>> coverage(CoverageGrain grain, std::int64_t customer,
                                                                          std::int64_t from, std::int64_t to) = 0;
  // In the order of kPriceKey and the unit, of one SKU or all.
  virtual base::Result<std::unique_ptr<FactCursor<PriceRow>>> prices(std::int64_t customer,
                                                                     std::optional<std::int64_t> sku) = 0;
  // By resource, of those with a higher number than `after`.
  virtual base::Result<std::unique_ptr<FactCursor<InventoryRow>>> inventory(std::int64_t customer,
                                                                            std::int64_t after) = 0;

  virtual base::Result<std::optional<FileTally>> known(std::int64_t customer, const std::string& digest) = 0;
  virtual base::Result<std::optional<Period>> extent(std::int64_t customer) = 0;
  virtual base::Result<std::int64_t> version(std::int64_t customer) = 0;

  struct ResourceText {
    std::int64_t name = 0;
    std::int64_t type = 0;
  };
  virtual base::Result<std::optional<ResourceText>> resource(std::int64_t customer, std::int64_t resource) = 0;
  virtual base::Result<UtilisationSum> utilisation(std::int64_t customer, std::int64_t resource, Period period) = 0;
  virtual base::Result<std::vector<Commitment>> commitments(std::int64_t customer, Period period,
                                                            std::size_t limit) = 0;
};

}  // namespace costagent
