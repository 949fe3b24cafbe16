// Why a bill is higher or lower than it was: price, usage and mix (analyze/growth.h), in whole and by service.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/analyze/growth.h"
#include "costagent/domain/fact_store.h"

namespace costagent {

struct ServiceGrowth {
  std::string provider;
  std::string service;
  double cost_before = 0;
  double cost = 0;
  Growth growth;
};

// A thing that was bought in either period; of neither quantity, a fee.
struct ItemGrowth {
  UsageTotal before;  // the same thing as `after`, but for cost and quantity
  UsageTotal after;
};

// Of all charges in one currency, at effective cost.
struct CurrencyGrowth {
  std::string currency;
  double cost_before = 0;
  double cost = 0;
  Growth growth;
  bool complete = true;                 // false: of some bills no quantities are known; these count as price
  std::vector<ServiceGrowth> services;  // the largest changes first, kMostServices at most
  std::vector<ItemGrowth> items;        // likewise, kMostItems
};

struct GrowthReport {
  static constexpr std::size_t kMostServices = 20;
  static constexpr std::size_t kMostItems = 20;

  Period before;  // as long as the period asked for, and directly before it
  std::vector<CurrencyGrowth> currencies;
};

// Nothing where the bills don't reach back so far: `known` are the days that have charges. Fails as FactStore::usage
// does. Thread-safe.
base::Result<std::optional<GrowthReport>> growth_report(FactStore& facts, const std::string& customer,
                                                        const std::map<Dimension, std::string>& only, Period period,
                                                        Period known);

}  // namespace costagent
