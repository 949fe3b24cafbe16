// Unit prices, as bills tell them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "costagent/domain/charge.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

// Of one `unit`, in the charge's currency.
struct UnitPrices {
  std::string_view unit;  // lives as long as the charge does
  std::optional<base::Decimal> list;
  std::optional<base::Decimal> contracted;
};

// What the bill says; where it has no such column, what cost by quantity comes to, if that is an exact decimal of 15
// digits at most. Nothing for what is no usage, for corrections, and where neither is known.
std::optional<UnitPrices> unit_prices_of(const Charge& charge);

// A price is known by all of its texts and both of its amounts: one that changes is another price. Empty: not in the
// bill.
struct Price {
  std::string provider;
  std::string service;
  std::string sku;
  std::string usage_type;
  std::string region;
  std::string unit;
  std::string currency;
  std::string pricing_category;
  std::optional<base::Decimal> list;
  std::optional<base::Decimal> contracted;
  base::Day first_seen;  // days on which something was charged at it
  base::Day last_seen;
};

// What prices can be asked for by.
inline constexpr Dimension kPriceDimensions[] = {Dimension::provider,   Dimension::service,
                                                 Dimension::region,     Dimension::sku,
                                                 Dimension::usage_type, Dimension::pricing_category};

struct PriceQuery {
  std::string customer;
  Period period;                            // keep prices that were seen from before its end to after its start
  std::map<Dimension, std::string> only{};  // of kPriceDimensions
  std::size_t limit = 50;
  std::size_t offset = 0;
};

// Prices of one thing come one after the other, as they were first seen.
struct PricePage {
  std::vector<Price> prices;
  bool more = false;
};

}  // namespace costagent
