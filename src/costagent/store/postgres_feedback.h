// Feedback and told incidents, on PostgreSQL.
#pragma once

#include "costagent/domain/feedback_store.h"
#include "costagent/store/postgres_pool.h"

namespace costagent {

// The pool must outlive it, and its database have the newest schema.
class PostgresFeedback final : public FeedbackStore {
 public:
  explicit PostgresFeedback(PostgresPool& pool) : pool_(pool) {}

  base::Result<> save(const Feedback& feedback) override;
  base::Result<std::vector<Feedback>> feedback(const std::string& customer) override;
  base::Result<std::optional<Feedback>> remove(const std::string& id) override;
  base::Result<> remember(const std::string& customer, std::span<const ToldIncident> incidents) override;
  base::Result<std::vector<ToldIncident>> told(const std::string& customer, Period period) override;
  base::Result<std::optional<ToldIncident>> told(const std::string& customer, const std::string& id) override;

 private:
  PostgresPool& pool_;
};

}  // namespace costagent
