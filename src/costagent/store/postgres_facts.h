// Facts on PostgreSQL.
#pragma once

#include "base/clock.h"
#include "costagent/store/known_months.h"
#include "costagent/store/postgres_pool.h"
#include "costagent/store/remembered.h"
#include "costagent/store/source_facts.h"

namespace costagent {

// Several processes may have one on the same database. Pool and clock must outlive it, and the database have the newest
// schema.
class PostgresFacts final : public SourceFacts {
 public:
  PostgresFacts(PostgresPool& pool, const base::Clock& clock) : pool_(pool), clock_(clock) {}

  base::Result<bool> has_beginning(const std::string& customer, const std::string& beginning) override;
  base::Result<std::unique_ptr<FactWriter>> begin(const Delivery& delivery) override;
  base::Result<bool> clear_leftovers() override;

 protected:
  base::Result<std::unique_ptr<FactSource>> source() override;

 private:
  PostgresPool& pool_;
  const base::Clock& clock_;
  RememberedTexts texts_;
  RememberedSlices slices_;
  KnownMonths known_months_;
};

}  // namespace costagent
