// What was spent: exact totals by any dimensions and period.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/service/period.h"

namespace costagent {

struct CostsRequest {
  std::string customer;
  AskedDays days{};
  std::vector<Dimension> by{};
  std::vector<std::string> by_tags{};
  std::map<Dimension, std::string> only{};
  std::map<std::string, std::string> only_tagged{};
  std::optional<base::Day> billing_period{};  // as in TotalsQuery
  Bucket bucket = Bucket::whole;
  std::size_t limit = 50;
  std::size_t offset = 0;
};

struct CostsReport {
  Period period;
  TotalsPage page;
};

// Of a billing period, where no days are asked for, all days of its bills are meant. Blocks; thread-safe. Fails as
// `resolve_period` and the store do, and with `not_found` (billing_period) where there is no bill for it.
base::Result<CostsReport> costs(FactStore& facts, const CostsRequest& request);

}  // namespace costagent
