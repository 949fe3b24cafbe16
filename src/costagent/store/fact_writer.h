// Takes one file into SQLite, in one transaction.
#pragma once

#include <memory>

#include "costagent/domain/fact_store.h"
#include "costagent/store/connection_pool.h"
#include "costagent/store/dictionary.h"

namespace costagent {

// Holds the store's writing connection until it is committed or destroyed. `dictionary` goes with that connection.
base::Result<std::unique_ptr<FactWriter>> begin_fact_writer(ConnectionPool& pool, DictionaryWriter& dictionary,
                                                            const SourceFile& file);

}  // namespace costagent
