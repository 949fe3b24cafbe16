// Commitments that end, and what that costs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/domain/commitment.h"
#include "costagent/domain/fact_store.h"

namespace costagent {

struct ExpiringCommitment {
  Commitment commitment;
  // What the usage that it covered on its last 30 days known cost less than at list prices, and what that was: both are
  // at stake. None where no usage names it.
  std::optional<base::Decimal> saved;
  std::optional<base::Decimal> covered_list_cost;
  std::string currency{};  // of both
};

// More than a customer looks at.
inline constexpr std::size_t kMostExpiring = 50;
// Time enough to renew.
inline constexpr std::chrono::days kSoon{60};

// Those that end within the period or within kSoon after it, by their end. `known` are the days that have charges.
// Fails as the store does.
base::Result<std::vector<ExpiringCommitment>> expiring_commitments(FactStore& facts, const std::string& customer,
                                                                   Period period, Period known);

}  // namespace costagent
