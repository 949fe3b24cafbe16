#include "costagent/queue/open_queue.h"

#include "costagent/queue/redis_queue.h"

namespace costagent {

namespace {

base::Result<io::RedisAddress> address_of(const std::string& url) {
  auto address = io::parse_redis_url(url);
  if (!address) return base::fail_field("queue", "--queue: {}", address.error().message);
  return address;
}

}  // namespace

base::Result<> check_queue_url(const std::string& url) {
  if (url.empty()) return {};
  const auto address = address_of(url);
  if (!address) return base::pass_on(address);
  return {};
}

base::Result<std::unique_ptr<JobQueue>> open_queue(const std::string& url, const std::string& process, JobStore& store,
                                                   const base::Clock& clock, const StoreQueueOptions& options) {
  if (url.empty()) return std::make_unique<StoreQueue>(store, clock, options);
  auto address = address_of(url);
  if (!address) return base::pass_on(address);
  RedisQueueOptions redis;
  redis.consumer = process;
  return std::make_unique<RedisQueue>(store, clock, options, std::move(*address), std::move(redis));
}

}  // namespace costagent
