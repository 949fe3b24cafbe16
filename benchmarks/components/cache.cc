// The cache of answers: in memory, or shared through the Redis that BENCH_CACHE names.
//
// Thresholds are in suites/costagent/benchmarks.yaml.
#include <fmt/format.h>

#include <atomic>
#include <random>
#include <thread>

#include "base/clock.h"
#include "costagent/cache/open_cache.h"
#include "world.h"

namespace bench {
namespace {

using namespace costagent;

const base::SystemClock kClock;
constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

std::unique_ptr<AnswerCache> open() {
  CacheOptions options;
  if (const char* const url = std::getenv("BENCH_CACHE"); url != nullptr && *url != '\0') options.url = url;
  options.max_bytes = kMaxBytes;
  // Of its own: what an earlier run left in Redis would be hit.
  options.scope = fmt::format("bench-{}", std::random_device{}());
  auto cache = open_cache(options, kClock);
  if (!cache) {
    fmt::print(stderr, "the cache: {}\n", cache.error().message);
    std::exit(1);
  }
  return std::move(*cache);
}

AnswerKey key_of(std::int64_t question) { return {kCustomer, 1, std::to_string(question)}; }

const std::string kAnswer(4096, 'a');  // as long as most are
base::Result<std::string> make() { return kAnswer; }

void hit(benchmark::State& state) {
  const auto cache = open();
  if (!good(state, cache->get_or_make(key_of(1), make))) return;
  for (auto _ : state) {
    for (int i = times("hit"); i > 0; --i) {
      if (!good(state, cache->get_or_make(key_of(1), [] {
            return base::Result<std::string>(base::fail(base::ErrorKind::not_found, "it was not kept"));
          })))
        return;
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hit)->Unit(benchmark::kNanosecond);

void miss(benchmark::State& state) {
  const auto cache = open();
  std::int64_t question = 0;
  for (auto _ : state) {
    for (int i = times("miss"); i > 0; --i) {
      if (!good(state, cache->get_or_make(key_of(++question), make))) return;
    }
  }
  if (cache->use().misses < static_cast<std::uint64_t>(question))
    return state.SkipWithError("something was kept twice");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(miss)->Unit(benchmark::kNanosecond);

// Sixteen at once ask what nobody has asked yet, and it takes a millisecond of work: how often it is worked out
// more than once.
void stampede(benchmark::State& state) {
  const auto cache = open();
  std::atomic<int> made{0};
  std::int64_t question = 0;
  std::int64_t rounds = 0;
  for (auto _ : state) {
    for (int i = times("stampede"); i > 0; --i) {
      ++question;
      ++rounds;
      std::vector<std::jthread> threads;
      for (int asker = 0; asker < 16; ++asker) {
        threads.emplace_back([&] {
          const auto answer = cache->get_or_make(key_of(question), [&] {
            ++made;
            const auto end = base::SystemClock::monotonic_now() + std::chrono::milliseconds(1);
            while (base::SystemClock::monotonic_now() < end) {
            }
            return make();
          });
          if (!answer || (*answer)->size() != kAnswer.size()) made += 1000;  // wrong
        });
      }
    }
  }
  state.counters["made_again"] = static_cast<double>(made) - static_cast<double>(rounds);
}
BENCHMARK(stampede)->UseRealTime()->Unit(benchmark::kMicrosecond);

// A customer's facts change, and the next who asks gets a new answer.
void invalidation(benchmark::State& state) {
  const auto cache = open();
  std::int64_t version = 0;
  std::int64_t stale = 0;
  for (auto _ : state) {
    for (int i = times("invalidation"); i > 0; --i) {
      cache->invalidate(kCustomer);
      const std::string wanted = std::to_string(++version);
      const auto answer =
          cache->get_or_make({kCustomer, version, "costs"}, [&] { return base::Result<std::string>(wanted); });
      if (!good(state, answer)) return;
      stale += **answer == wanted ? 0 : 1;
    }
  }
  state.counters["stale"] = static_cast<double>(stale);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(invalidation)->Unit(benchmark::kNanosecond);

// Ten times as much as there is room for.
void memory(benchmark::State& state) {
  CacheUse use;
  for (auto _ : state) {
    const auto cache = open();
    for (int i = times("memory"); i > 0; --i) {
      for (std::size_t question = 0; question < 10 * kMaxBytes / kAnswer.size(); ++question) {
        if (!good(state, cache->get_or_make(key_of(static_cast<std::int64_t>(question)), make))) return;
      }
    }
    use = cache->use();
  }
  if (use.evictions == 0) return state.SkipWithError("nothing was evicted");
  state.counters["of_its_room_percent"] = 100.0 * static_cast<double>(use.bytes) / static_cast<double>(kMaxBytes);
  state.counters["over_its_room_bytes"] = static_cast<double>(use.bytes > kMaxBytes ? use.bytes - kMaxBytes : 0);
  state.counters["beside_each_answer_bytes"] =
      static_cast<double>(use.bytes) / static_cast<double>(use.entries) - static_cast<double>(kAnswer.size());
}
BENCHMARK(memory)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bench

BENCHMARK_MAIN();
