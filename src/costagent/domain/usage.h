// How much was used of what was bought, and what it cost.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "costagent/domain/cost_series.h"

namespace costagent {

struct UsageQuery {
  std::string customer;
  Period period;
  std::map<Dimension, std::string> only{};  // keep charges with this value; a provider by any of its spellings
  std::size_t most = 50'000;                // things
};

// A thing that is bought: the same from one month to the next, whoever uses it and whatever for. Binary doubles, as
// they feed statistics.
struct UsageTotal {
  std::string provider;
  std::string service;
  std::string region;
  std::string usage_type;
  std::string sku;
  std::string unit;
  std::string currency;
  double cost = 0;       // effective, of all its charges
  double quantity = 0;   // of its usage, in its unit; 0 of what has none, such as fees and taxes
  bool complete = true;  // false: of some charges the quantity is not known, as they were taken in before it was kept
};

}  // namespace costagent
