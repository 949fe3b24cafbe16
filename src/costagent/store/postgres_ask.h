// One statement on a session of the pool.
#pragma once

#include "base/result.h"
#include "costagent/store/postgres_pool.h"

namespace costagent {

// Until when a call of the store may work, the wait for a session included: as long as a person would wait, or the
// thread's deadline (base/deadline.h) if that is earlier.
base::Nanoseconds store_deadline();

base::Result<io::PostgresRows> ask(PostgresPool& pool, const io::PostgresStatement& statement,
                                   const io::PostgresValues& parameters);

// The same of one that finds a few rows by an index, whose plan is made once (kPlanOnce).
base::Result<io::PostgresRows> ask_by_index(PostgresPool& pool, const io::PostgresStatement& statement,
                                            io::PostgresValues parameters);

}  // namespace costagent
