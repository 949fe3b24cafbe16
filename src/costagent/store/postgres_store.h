// Facts, state, jobs and leases in the schema `costagent` of a PostgreSQL database.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "costagent/store/open_store.h"

namespace costagent {

base::Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url, const base::Clock& clock,
                                                         const StoreOptions& options);

}  // namespace costagent
