// Opens the cache that a URL names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/cache/memory_cache.h"
#include "costagent/domain/answer_cache.h"

namespace costagent {

struct CacheOptions {
  std::string url = "memory";  // or `redis://user:password@host:port/database`, as io::parse_redis_url has it
  std::size_t max_bytes = MemoryCacheOptions{}.max_bytes;  // of this process's memory
  std::string scope{};                                     // of the database whose answers these are: Store::instance
  std::uint64_t seed = 1;                                  // another one in each process
};

// Fails with `invalid` (field `cache`) on a URL of another form.
base::Result<> check_cache_url(const std::string& url);

// A Redis need not be there: it is used once it is. Has threads then: to be opened after the process forked. The clock
// must outlive the cache. Fails as the above.
base::Result<std::unique_ptr<AnswerCache>> open_cache(const CacheOptions& options, const base::Clock& clock);

}  // namespace costagent
