// Facts as PostgreSQL has them.
#pragma once

#include <memory>

#include "costagent/store/fact_source.h"
#include "costagent/store/postgres_pool.h"
#include "costagent/store/remembered.h"

namespace costagent {

// Reads within one snapshot of the session, until then (monotonic clock). What is remembered must outlive it.
base::Result<std::unique_ptr<FactSource>> make_postgres_fact_source(PostgresPool::Lease session,
                                                                    base::Nanoseconds until, RememberedTexts& texts,
                                                                    RememberedSlices& slices);

}  // namespace costagent
