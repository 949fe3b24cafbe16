// A delivery's way into PostgreSQL.
#pragma once

#include <memory>

#include "base/clock.h"
#include "costagent/store/known_months.h"
#include "costagent/store/load_sink.h"
#include "costagent/store/postgres_pool.h"

namespace costagent {

// Registers the delivery. Chunks are no transactions here, since nothing counts before it is published: every statement
// is one of its own, or goes with few others, so that nobody waits for anybody longer than that. Pool, clock and known
// months must outlive the sink.
//
// Charges are still on their way when a chunk is committed: the server takes them in while the next lines are read. Its
// session is held as long, and given back with every other chunk, at a file's end, and whenever somebody waits for one;
// so a delivery has one session at most, and nobody waits for it longer than for a chunk.
base::Result<std::unique_ptr<LoadSink>> make_postgres_load_sink(PostgresPool& pool, const base::Clock& clock,
                                                                KnownMonths& known_months, const Delivery& delivery);

}  // namespace costagent
