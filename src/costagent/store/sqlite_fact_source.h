// Facts as SQLite has them.
#pragma once

#include <memory>
#include <shared_mutex>
#include <unordered_map>

#include "costagent/store/connection_pool.h"
#include "costagent/store/dictionary.h"
#include "costagent/store/fact_source.h"

namespace costagent {

// The columns of slices by their numbers, for readers. Thread-safe; a slice never changes, so that what was read once
// is kept, up to 64 MB.
class SliceReader {
 public:
  base::Result<SliceIds> columns(io::Sqlite& connection, std::int64_t id);

 private:
  std::shared_mutex mutex_;
  std::unordered_map<std::int64_t, SliceIds> slices_;
};

// Reads within one snapshot of the lease's connection. Both readers must outlive it.
base::Result<std::unique_ptr<FactSource>> make_sqlite_fact_source(ConnectionPool::Lease connection,
                                                                  DictionaryReader& texts, SliceReader& slices);

}  // namespace costagent
