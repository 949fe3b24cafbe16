// State on PostgreSQL: recommendations.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "costagent/domain/state_store.h"
#include "costagent/store/postgres_pool.h"

namespace costagent {

// Several processes may have one on the same database. The pool must outlive it, and its database have the newest
// schema.
class PostgresState final : public StateStore {
 public:
  explicit PostgresState(PostgresPool& pool) : pool_(pool) {}

  base::Result<> save(std::span<const Recommendation> recommendations) override;
  base::Result<std::optional<Recommendation>> recommendation(const std::string& id) override;
  base::Result<std::vector<Recommendation>> recommendations(const std::string& customer, std::size_t limit,
                                                            std::size_t offset) override;
  base::Result<bool> set_status(const std::string& id, RecommendationStatus status) override;
  base::Result<std::int64_t> decisions_version(const std::string& customer) override;

 private:
  PostgresPool& pool_;
};

}  // namespace costagent
