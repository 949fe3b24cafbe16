// A delivery's way into SQLite.
#pragma once

#include <memory>

#include "base/clock.h"
#include "costagent/store/connection_pool.h"
#include "costagent/store/dictionary.h"
#include "costagent/store/load_sink.h"

namespace costagent {

// Registers the delivery. The pool's writing connection is held a chunk at a time. `dictionary` goes with that
// connection; pool, dictionary and clock must outlive the sink.
base::Result<std::unique_ptr<LoadSink>> make_sqlite_load_sink(ConnectionPool& pool, DictionaryWriter& dictionary,
                                                              const base::Clock& clock, const Delivery& delivery);

// The same within a transaction that the caller has begun on this connection, and ends: chunks are then nothing of
// their own.
base::Result<std::unique_ptr<LoadSink>> make_sqlite_load_sink(io::Sqlite& connection, DictionaryWriter& dictionary,
                                                              const base::Clock& clock, const Delivery& delivery);

}  // namespace costagent
