#include "costagent/cache/memory_cache.h"

#include <fmt/format.h>

#include <new>
#include <utility>

#include "base/deadline.h"

namespace costagent {
namespace {

// The length tells where the customer ends, whatever it holds.
std::string id_of(const AnswerKey& key) {
  return fmt::format("{}:{}{}:{}", key.customer.size(), key.customer, key.version, key.question);
}

}  // namespace

base::Result<Answer> MemoryCache::get_or_make(const AnswerKey& key, const MakeAnswer& make) {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (Answer kept = kept_.find(key, clock_.monotonic())) {
      ++hits_;
      return kept;
    }
    if (auto outcome = join_or_make(std::move(lock), key, make, true)) return std::move(*outcome);
  }
}

base::Result<Answer> MemoryCache::make_once(const AnswerKey& key, const MakeAnswer& make) {
  for (;;) {
    if (auto outcome = join_or_make(std::unique_lock(mutex_), key, make, false)) return std::move(*outcome);
  }
}

std::optional<base::Result<Answer>> MemoryCache::join_or_make(std::unique_lock<std::mutex> lock, const AnswerKey& key,
                                                              const MakeAnswer& make, bool keep) {
  const std::string id = id_of(key);
  if (const auto found = flights_.find(id); found != flights_.end()) return wait_for(std::move(lock), found->second);
  ++misses_;
  const auto flight = std::make_shared<Flight>();
  flight->customer = key.customer;
  flight->keep = keep;
  flights_.emplace(id, flight);
  lock.unlock();

  base::Result<Answer> outcome;
  try {
    auto made = make();
    if (made) {
      outcome = std::make_shared<const std::string>(std::move(*made));
    } else {
      outcome = base::pass_on(made);
    }
  } catch (...) {
    // A library or a lack of memory may throw; whoever waits must hear of an end.
    land(id, key, *flight, nullptr);
    throw;
  }
  land(id, key, *flight, &outcome);
  return outcome;
}

// It has landed, whatever there is no memory for.
void MemoryCache::land(const std::string& id, const AnswerKey& key, Flight& flight, const base::Result<Answer>* made) {
  const std::lock_guard lock(mutex_);
  flight.ended = true;
  flight.landed.notify_all();
  // After an invalidation another flight may have its place.
  if (const auto found = flights_.find(id); found != flights_.end() && found->second.get() == &flight)
    flights_.erase(found);
  try {
    if (made == nullptr) {
      flight.outcome = base::fail(base::ErrorKind::internal, "the answer that was being made broke off");
    } else {
      flight.outcome = *made;
      if (flight.keep && *made) kept_.put(key, **made, clock_.monotonic());
    }
  } catch (const std::bad_alloc&) {
    // Then it isn't kept, and who waits tries again.
  }
}

std::optional<base::Result<Answer>> MemoryCache::wait_for(std::unique_lock<std::mutex> lock,
                                                          const std::shared_ptr<Flight>& flight) {
  ++waits_;
  const std::shared_ptr<Flight> mine = flight;  // the table's goes when it lands
  const base::Nanoseconds patience = base::time_left(options_.patience);
  if (!mine->landed.wait_for(lock, patience, [&] { return mine->ended; })) {
    if (base::deadline_passed()) {
      return base::fail(base::ErrorKind::timeout,
                        "the time for this was over before another request, which was at the "
                        "same question, had the answer");
    }
    return base::fail(base::ErrorKind::unavailable,
                      "the same question has been worked on for more than {} s already; ask again later",
                      std::chrono::duration_cast<std::chrono::seconds>(options_.patience).count());
  }
  if (!mine->outcome) return std::nullopt;
  const bool ran_out = !*mine->outcome && mine->outcome->error().kind == base::ErrorKind::timeout;
  if (ran_out && !base::deadline_passed()) return std::nullopt;
  return *mine->outcome;
}

void MemoryCache::invalidate(const std::string& customer) {
  const std::lock_guard lock(mutex_);
  kept_.drop(customer);
  std::erase_if(flights_, [&](const auto& entry) {
    if (entry.second->customer != customer) return false;
    entry.second->keep = false;
    return true;
  });
}

void MemoryCache::invalidate_all() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
  for (const auto& [id, flight] : flights_) flight->keep = false;
  flights_.clear();
}

CacheUse MemoryCache::use() const {
  const std::lock_guard lock(mutex_);
  CacheUse use;
  kept_.tell(use);
  use.hits = hits_;
  use.misses = misses_;
  use.waits = waits_;
  return use;
}

}  // namespace costagent
