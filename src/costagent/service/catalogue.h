// What a customer runs, and at what prices.
#pragma once

#include <map>
#include <string>

#include "costagent/domain/fact_store.h"
#include "costagent/service/period.h"

namespace costagent {

struct PricesRequest {
  std::string customer;
  AskedDays days{};
  std::map<Dimension, std::string> only{};  // of kPriceDimensions
  std::size_t limit = 50;
  std::size_t offset = 0;
};
struct PricesReport {
  Period period;
  PricePage page;
};

struct InventoryRequest {
  std::string customer;
  AskedDays days{};
  std::map<Dimension, std::string> only{};  // of kInventoryDimensions
  std::map<std::string, std::string> only_tagged{};
  std::size_t limit = 50;
  std::int64_t after = 0;
};
struct InventoryReport {
  Period period;
  InventoryPage page;
};

// Block; thread-safe. Fail as `resolve_period` and the store do.
base::Result<PricesReport> prices(FactStore& facts, const PricesRequest& request);
base::Result<InventoryReport> inventory(FactStore& facts, const InventoryRequest& request);

}  // namespace costagent
