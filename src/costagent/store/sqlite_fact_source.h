// Facts as SQLite has them.
#pragma once

#include <memory>

#include "costagent/store/connection_pool.h"
#include "costagent/store/fact_source.h"
#include "costagent/store/remembered.h"

namespace costagent {

// Reads within one snapshot of the lease's connection. What is remembered must outlive it.
base::Result<std::unique_ptr<FactSource>> make_sqlite_fact_source(ConnectionPool::Lease connection,
                                                                  RememberedTexts& texts, RememberedSlices& slices);

}  // namespace costagent
