// State: recommendations. Few rows, changed in transactions. Jobs have an interface of their own, job_store.h.
//
// Implemented by store/. Every call blocks and may be made from any thread; errors as in fact_store.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/domain/recommendation.h"

namespace costagent {

class StateStore {
 public:
  virtual ~StateStore() = default;

  // Adds what is new and refreshes what is known by its id, which keeps its status and the time it was created.
  virtual base::Result<> save(std::span<const Recommendation> recommendations) = 0;
  virtual base::Result<std::optional<Recommendation>> recommendation(const std::string& id) = 0;

  // A page of a customer's, by id.
  virtual base::Result<std::vector<Recommendation>> recommendations(const std::string& customer, std::size_t limit,
                                                                    std::size_t offset) = 0;

  // False when there is none of that id.
  virtual base::Result<bool> set_status(const std::string& id, RecommendationStatus status) = 0;

  // A number that changes with every status set on one of the customer's recommendations: what was listed under the
  // same number, and the same version of the facts, still holds. 0 before the first.
  virtual base::Result<std::int64_t> decisions_version(const std::string& customer) = 0;
};

}  // namespace costagent
