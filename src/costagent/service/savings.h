// What would save a customer money: makes recommendations, remembers them, and takes decisions on them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/state_store.h"

namespace costagent {

struct SavingsRequest {
  std::string customer;
  std::string provider{};                   // empty: of all
  std::vector<RecommendationType> types{};  // empty: of all
  base::Decimal min_savings{};              // a month
  Risk risk_tolerance = Risk::high;         // what is riskier is left out
  std::size_t limit = 50;
  std::size_t offset = 0;
};

struct SavingsPage {
  std::vector<Recommendation> recommendations;  // largest monthly savings first, with the status they have
  std::size_t found = 0;                        // listed or not
  bool more = false;
};

// Looks at the dearest 10,000 resources of the last 30 days of the customer's data. What is listed is remembered under
// its id. Blocks; thread-safe. Fails with `not_found` (customer_id) for a customer without data, and as the stores do.
base::Result<SavingsPage> find_savings(FactStore& facts, StateStore& state, const base::Clock& clock,
                                       const SavingsRequest& request);

// Fails with `not_found` for an id that was never listed.
base::Result<Recommendation> find_recommendation(StateStore& state, const std::string& id);

// Approves or rejects, and returns what it is now. The same decision again changes nothing; the opposite one fails with
// `conflict`, as someone may have acted on the first.
base::Result<Recommendation> decide(StateStore& state, const std::string& id, RecommendationStatus decision);

}  // namespace costagent
