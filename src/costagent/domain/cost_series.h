// Daily cost of slices of a bill, and exact totals by dimension.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "base/time.h"
#include "costagent/domain/costs.h"

namespace costagent {

// What a bill can be cut by; tags, which have names of their own, come beside them.
enum class Dimension {
  provider,
  billing_account,
  account,
  service,
  region,
  resource,
  category,
  usage_type,
  sku,
  pricing_category,
  commitment,
};

enum class CostMetric { billed, effective };

// Days [from, to).
struct Period {
  base::Day from;
  base::Day to;

  int days() const { return static_cast<int>((to - from).count()); }
  friend bool operator==(const Period&, const Period&) = default;
};

// One slice: the value of each dimension that was asked for, in the order asked.
using SliceKey = std::vector<std::string>;

// What series are cut by: dimensions, and perhaps a tag by its name, whose values come last in the keys. Neither: the
// total.
struct SeriesLevel {
  std::vector<Dimension> by{};
  std::string tag{};

  friend bool operator==(const SeriesLevel&, const SeriesLevel&) = default;
};

// Marks a day on which the slice has no charge at all, which is not the same as a charge of zero.
inline constexpr double kNoCharge = std::numeric_limits<double>::quiet_NaN();

// So many such days in a row are a time without costs, for whoever analyses a series; fewer are data that is missing.
inline constexpr int kDaysWithoutCosts = 7;

// Shape: one number a day of the period, `cost[i]` for the day `first + i`, in `currency`. Binary doubles, as these
// feed statistics; sums that a person compares with an invoice come from CostTotal.
struct CostSeries {
  SliceKey key;
  std::string currency;
  base::Day first;
  std::vector<double> cost;
};

// The exact cost of one slice over a period. `bucket` is its first day: the period's own where totals are not
// cut by time.
struct CostTotal {
  SliceKey key;
  std::string currency;
  base::Day bucket;
  Costs costs;
};

}  // namespace costagent
