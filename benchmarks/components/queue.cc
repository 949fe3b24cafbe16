// The job queue over the database: what it does a second, how long the urgent waits behind a backlog, and whether one
// customer's thousand jobs keep out another's.
//
// On SQLite, or on the database that BENCH_DATABASE names. Thresholds are in suites/costagent/benchmarks.yaml.
#include <fmt/format.h>

#include <map>
#include <random>

#include "base/clock.h"
#include "costagent/queue/store_queue.h"
#include "world.h"

namespace bench {
namespace {

using namespace costagent;
using namespace std::chrono_literals;

const base::SystemClock kClock;

// A kind of its own for each benchmark, as all may be in one database.
struct Bench {
  explicit Bench(const std::string& name)
      : kind(fmt::format("{}-{}", name, std::random_device{}())),
        store(open_empty()),
        queue(store->jobs(), kClock, StoreQueueOptions{.seed = std::random_device{}()}) {}

  base::Result<Job> push(const std::string& customer, int priority = 0) {
    NewJob job{kind, customer};
    job.priority = priority;
    return queue.push(job);
  }
  base::Result<std::optional<Job>> claim() { return queue.claim({"worker", {kind}, 60s}); }
  // Fails where there is nothing to do.
  base::Result<Job> do_one() {
    const auto claimed = claim();
    if (!claimed) return base::pass_on(claimed);
    if (!*claimed) return base::fail(base::ErrorKind::not_found, "a job was lost");
    const auto done = queue.finish(**claimed, "{}");
    if (!done) return base::pass_on(done);
    if (*done != JobState::done) return base::fail(base::ErrorKind::conflict, "a job is not done");
    return **claimed;
  }
  base::Result<> empty() {
    while (true) {
      const auto claimed = claim();
      if (!claimed) return base::pass_on(claimed);
      if (!*claimed) return {};
      if (const auto done = queue.finish(**claimed, "{}"); !done) return base::pass_on(done);
    }
  }

  const std::string kind;
  const std::unique_ptr<Store> store;
  StoreQueue queue;
};

// Pushed, claimed, done: three transactions that are on the disk.
void throughput(benchmark::State& state) {
  Bench bench("throughput");
  for (auto _ : state) {
    for (int i = times("throughput"); i > 0; --i) {
      if (!good(state, bench.push("acme")) || !good(state, bench.do_one())) return;
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(throughput)->Unit(benchmark::kMicrosecond);

// An urgent job behind a thousand others: from its push to its claim.
void delay_under_backlog(benchmark::State& state) {
  constexpr int kBacklog = 1000;
  Bench bench("backlog");
  for (int i = 0; i < kBacklog; ++i) {
    if (!good(state, bench.push("acme"))) return;
  }
  for (auto _ : state) {
    for (int i = times("delay_under_backlog"); i > 0; --i) {
      if (!good(state, bench.push("urgent", 10))) return;
      const auto done = bench.do_one();
      if (!good(state, done)) return;
      if (done->customer != "urgent") return state.SkipWithError("the urgent job did not go first");
    }
  }
  if (!good(state, bench.empty())) return;
}
BENCHMARK(delay_under_backlog)->Unit(benchmark::kMicrosecond);

// One customer has pushed three hundred jobs, then three others ten each. Turn by turn, the others would be done after
// forty; how many are done before they are, of those that would be fair.
void fairness(benchmark::State& state) {
  double worst = 0;
  for (auto _ : state) {
    Bench bench("fairness");
    for (int i = 0; i < 300; ++i) {
      if (!good(state, bench.push("crowd"))) return;
    }
    for (int i = 0; i < 30; ++i) {
      if (!good(state, bench.push(fmt::format("small-{}", i % 3)))) return;
    }
    int done = 0;
    for (int small = 0; small < 30; ++done) {
      const auto job = bench.do_one();
      if (!good(state, job)) return;
      small += job->customer == "crowd" ? 0 : 1;
    }
    worst = std::max(worst, done / 40.0);
    if (!good(state, bench.empty())) return;
  }
  state.counters["times_fair"] = worst * times("fairness");
}
BENCHMARK(fairness)->Unit(benchmark::kMillisecond)->Iterations(2);

}  // namespace
}  // namespace bench

BENCHMARK_MAIN();
