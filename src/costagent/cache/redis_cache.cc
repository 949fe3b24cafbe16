#include "costagent/cache/redis_cache.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/deadline.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using std::chrono::milliseconds;

// Between two looks for another process's answer: short at first, as most answers are made soon.
constexpr Nanoseconds kFirstPause = milliseconds(1);
constexpr Nanoseconds kLongestPause = milliseconds(16);

Nanoseconds now() { return base::SystemClock::monotonic_now(); }

ChangeListenerOptions with_sender(ChangeListenerOptions options, const std::string& sender) {
  options.sender = sender;
  return options;
}

}  // namespace

RedisCache::RedisCache(const std::string& url, const io::RedisAddress& address, RedisCacheOptions options,
                       const base::Clock& clock)
    : options_(std::move(options)),
      memory_(options_.memory, clock),
      link_(url, address, options_.link),
      shared_(link_, options_.shared),
      listener_(url, address, with_sender(options_.listener, shared_.sender()),
                {[this] { memory_.invalidate_all(); },
                 [this](const std::string& customer) { memory_.invalidate(customer); }}) {}

base::Result<Answer> RedisCache::get_or_make(const AnswerKey& key, const MakeAnswer& make) {
  const auto find = [&] { return find_or_make(key, make); };
  if (listener_.hears()) return memory_.get_or_make(key, find);
  if (link_.is_up()) return memory_.make_once(key, find);
  return memory_.get_or_make(key, make);
}

base::Result<std::string> RedisCache::find_or_make(const AnswerKey& key, const MakeAnswer& make) {
  const auto place = shared_.place_of(key);
  auto look = shared_.look(place);
  if (!look) return make();
  if (look->answer) return found(std::move(*look));
  const std::string token = shared_.draw();
  const Nanoseconds until = now() + base::time_left(patience());
  for (Nanoseconds pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    if (!look->being_made) {
      const auto marked = shared_.mark(place, *look, token);
      if (!marked) return make();
      if (*marked) return make_and_share(place, look->version, token, make);
    }
    if (pause == kFirstPause) {
      const std::lock_guard lock(mutex_);
      ++waits_;
    }
    if (now() >= until) return make_and_share(place, look->version, "", make);
    std::this_thread::sleep_for(pause);
    look = shared_.look(place);
    if (!look) return make();
    if (look->answer) return found(std::move(*look));
  }
}

std::string RedisCache::found(SharedAnswers::Look look) {
  const std::lock_guard lock(mutex_);
  ++shared_hits_;
  return std::move(*look.answer);
}

base::Result<std::string> RedisCache::make_and_share(const SharedAnswers::Place& place, const std::string& version,
                                                     const std::string& token, const MakeAnswer& make) {
  const Nanoseconds began = now();
  auto made = make();
  if (made) {
    const std::lock_guard lock(mutex_);
    const Nanoseconds took = now() - began;
    // An exponential mean of about the last eight.
    computing_ = computing_ == Nanoseconds(0) ? took : computing_ + (took - computing_) / 8;
  }
  shared_.settle(place, version, token, made ? &*made : nullptr);
  return made;
}

Nanoseconds RedisCache::patience() const {
  const std::lock_guard lock(mutex_);
  return std::clamp(2 * computing_, options_.wait_least, options_.wait_most);
}

void RedisCache::invalidate(const std::string& customer) {
  // Redis first: what is fetched from it meanwhile is then taken out of memory again.
  shared_.change(customer);
  memory_.invalidate(customer);
}

CacheUse RedisCache::use() const {
  std::uint64_t shared_hits = 0;
  std::uint64_t waits = 0;
  {
    const std::lock_guard lock(mutex_);
    shared_hits = shared_hits_;
    waits = waits_;
  }
  CacheUse use = memory_.use();
  use.misses -= shared_hits;  // which memory doesn't tell from those that were computed
  use.shared_hits = shared_hits;
  use.waits += waits;
  use.shares = true;
  use.reachable = link_.is_up();
  use.listening = listener_.hears();
  use.shared_errors = link_.failures() + shared_.disbelieved();
  return use;
}

}  // namespace costagent
