// Which days a question is about.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "costagent/domain/cost_series.h"
#include "costagent/domain/fact_store.h"

namespace costagent {

// Three years: a year and the two before it to compare with. More in one answer would only be slow.
inline constexpr int kMaxDaysAsked = 1096;
inline constexpr int kDaysWhenNotAsked = 90;

// Both days inclusive, as people say them.
struct AskedDays {
  std::optional<base::Day> start;
  std::optional<base::Day> end;
};

// The asked days as a period. Where the end is not given it is the last day of the customer's data, where the start is
// not given it is 90 days before the end. Fails with `not_found` (customer_id) for a customer without data, and with
// `invalid`, naming start_date or end_date, when the start comes after the end or the span passes kMaxDaysAsked.
base::Result<Period> resolve_period(FactStore& facts, const std::string& customer, const AskedDays& asked);

// The same, of a customer whose charges are of the days `extent`.
base::Result<Period> resolve_period(Period extent, const AskedDays& asked);

// The days for which the customer has charges; fails with `not_found` (customer_id) if there are none.
base::Result<Period> extent_of(FactStore& facts, const std::string& customer);

}  // namespace costagent
