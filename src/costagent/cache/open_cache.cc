#include "costagent/cache/open_cache.h"

#include "base/without_password.h"
#include "costagent/cache/redis_cache.h"

namespace costagent {
namespace {

constexpr const char* kMemory = "memory";

}  // namespace

base::Result<> check_cache_url(const std::string& url) {
  if (url == kMemory || io::parse_redis_url(url)) return {};
  return base::fail_field("cache", "--cache: '{}' is neither `memory` nor a Redis, as in redis://127.0.0.1:6379",
                          base::without_password(url));
}

base::Result<std::unique_ptr<AnswerCache>> open_cache(const CacheOptions& options, const base::Clock& clock) {
  const MemoryCacheOptions memory{.max_bytes = options.max_bytes};
  if (const auto good = check_cache_url(options.url); !good) return base::pass_on(good);
  if (options.url == kMemory) return std::make_unique<MemoryCache>(memory, clock);
  const auto address = io::parse_redis_url(options.url);
  RedisCacheOptions redis;
  redis.memory = memory;
  redis.shared.scope = options.scope;
  redis.shared.time_to_live = memory.time_to_live;
  redis.shared.seed = options.seed;
  return std::make_unique<RedisCache>(options.url, *address, redis, clock);
}

}  // namespace costagent
