// What the database does for costagent: reads, writes, both at once, many at once, and more than it has sessions for.
//
// On SQLite, or on the database that BENCH_DATABASE names. Thresholds are in suites/costagent/benchmarks.yaml.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "base/deadline.h"
#include "base/random.h"
#include "costagent/service/savings.h"
#include "world.h"

namespace bench {
namespace {

using namespace costagent;

const Period kYear{std::chrono::sys_days(std::chrono::year(2025) / 1 / 1),
                   std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};

constexpr std::size_t kSessions = 8;

// The year by service and month: some hundred rows of rollups.
base::Result<TotalsPage> ask(Store& store) {
  TotalsQuery query;
  query.customer = kCustomer;
  query.period = kYear;
  query.by = {Dimension::provider, Dimension::service};
  query.bucket = Bucket::month;
  auto page = store.facts().totals(query);
  if (page && page->totals.empty()) return base::fail(base::ErrorKind::not_found, "the year has no costs");
  return page;
}

void query(benchmark::State& state) {
  const auto store = open_year(kSessions);
  for (auto _ : state) {
    for (int i = times("query"); i > 0; --i) {
      if (!good(state, ask(*store))) return;
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(query)->Unit(benchmark::kMicrosecond);

constexpr int kCharges = 1000;

base::Result<> insert_month(Store& store, const std::string& customer) {
  auto writer = store.facts().begin({customer});
  if (!writer) return base::pass_on(writer);
  const std::string name = "inserted-" + customer;
  if (auto begun = (*writer)->begin_file({name, "FOCUS 1.2", "header", name}); !begun) return base::pass_on(begun);
  Charge charge;
  charge.provider = "AWS";
  charge.billing_account_id = "1";
  charge.currency = "USD";
  charge.billed_cost = charge.effective_cost = base::Decimal::from_double(1.25, 2);
  charge.billing_period_start = kYear.from;
  for (int i = 0; i < kCharges; ++i) {
    charge.service = fmt::format("service {}", i % 20);
    charge.resource_id = fmt::format("resource {}", i % 200);
    charge.period_start = kYear.from + std::chrono::days(i % 28);
    charge.period_end = charge.period_start + std::chrono::days(1);
    if (auto added = (*writer)->add(charge, "AWS,1,USD,1.25,a line of a bill as it was"); !added)
      return base::pass_on(added);
  }
  FileTally tally;
  tally.rows = kCharges;
  if (auto ended = (*writer)->end_file(name, tally); !ended) return base::pass_on(ended);
  const auto published = (*writer)->publish({});
  if (!published) return base::pass_on(published);
  return {};
}

// Charges a second, a thousand a delivery.
void insert(benchmark::State& state) {
  static int customers = 0;
  const auto store = open_empty();
  for (auto _ : state) {
    for (int i = times("insert"); i > 0; --i) {
      if (!good(state, insert_month(*store, fmt::format("insert-{}", customers++)))) return;
    }
  }
  state.SetItemsProcessed(state.iterations() * kCharges);
}
BENCHMARK(insert)->Unit(benchmark::kMillisecond);

Recommendation advice(const std::string& id) {
  Recommendation made;
  made.id = id;
  made.customer = "updates";
  made.resource_id = "resource";
  made.title = "It is idle.";
  made.currency = "USD";
  return made;
}

base::Result<> turn(Store& store, const std::string& id, bool approved) {
  const auto done =
      store.state().set_status(id, approved ? RecommendationStatus::approved : RecommendationStatus::rejected);
  if (!done) return base::pass_on(done);
  if (!*done) return base::fail(base::ErrorKind::not_found, "the recommendation is gone");
  return {};
}

// A decision: one small transaction that is on the disk.
void update(benchmark::State& state) {
  const auto store = open_empty();
  if (!good(state, store->state().save(std::vector{advice("update")}))) return;
  bool approved = false;
  for (auto _ : state) {
    for (int i = times("update"); i > 0; --i) {
      approved = !approved;
      if (!good(state, turn(*store, "update", approved))) return;
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(update)->Unit(benchmark::kMicrosecond);

std::unique_ptr<Store> shared_store;  // of the threads of one benchmark

// Nine questions and a decision, by four threads.
void mixed(benchmark::State& state) {
  if (state.thread_index() == 0) {
    shared_store = open_year(kSessions);
    if (!good(state, shared_store->state().save(std::vector{advice("mixed")}))) return;
  }
  int turns = state.thread_index();
  for (auto _ : state) {
    for (int i = times("mixed"); i > 0; --i) {
      const auto done = ++turns % 10 == 0 ? turn(*shared_store, "mixed", turns % 20 == 0)
                                          : ask(*shared_store).transform([](const TotalsPage&) {});
      if (!good(state, done)) break;
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(mixed)->Threads(4)->UseRealTime()->Unit(benchmark::kMicrosecond);

// Questions by eight threads over a pool of so many sessions. SQLite's pool has a size of its own.
void pool(benchmark::State& state) {
  if (state.thread_index() == 0) shared_store = open_year(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (int i = times("pool"); i > 0; --i) {
      if (!good(state, ask(*shared_store))) break;
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pool)->Arg(2)->Arg(5)->Arg(10)->Arg(20)->Arg(50)->Threads(8)->UseRealTime()->Unit(benchmark::kMicrosecond);

// Many more threads than sessions, each with the time of some questions: who gets none is told so in time, none is
// lost, and the first who asks afterwards gets an answer at once.
struct Crowd {
  base::Nanoseconds patience{0};
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  std::atomic<int> failed{0};

  void ask_for_a_while(Store& store) {
    for (int i = 0; i < 20; ++i) {
      const base::DeadlineScope deadline(base::SystemClock::monotonic_now() + patience);
      const auto page = ask(store);
      if (page) {
        ++answered;
      } else if (page.error().kind == base::ErrorKind::timeout || page.error().kind == base::ErrorKind::unavailable) {
        ++refused;
      } else {
        ++failed;
      }
    }
  }
};

// How long one takes with nobody else there: of five the quickest, as the first ones make the plan and fill the caches.
base::Result<base::Nanoseconds> time_of_question(Store& store) {
  base::Nanoseconds quickest = base::Nanoseconds::max();
  for (int i = 0; i < 5; ++i) {
    const auto begun = base::SystemClock::monotonic_now();
    if (auto page = ask(store); !page) return base::pass_on(page);
    quickest = std::min(quickest, base::SystemClock::monotonic_now() - begun);
  }
  return quickest;
}

void exhaustion(benchmark::State& state) {
  const auto store = open_year(2);
  const auto alone = time_of_question(*store);
  if (!good(state, alone)) return;
  Crowd crowd;
  // Sixteen of the 64 who ask at once are answered in that time by two sessions that nothing else holds up.
  crowd.patience = std::max<base::Nanoseconds>(8 * *alone, std::chrono::milliseconds(2));
  base::Nanoseconds slowest{0};
  for (auto _ : state) {
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 64; ++i) threads.emplace_back([&] { crowd.ask_for_a_while(*store); });
    }
    const auto begun = base::SystemClock::monotonic_now();
    // One question is quick: the planted fault makes it so many times as many.
    for (int i = times("exhaustion") * times("exhaustion"); i > 0; --i) {
      if (!good(state, ask(*store))) return;
    }
    slowest = std::max(slowest, base::SystemClock::monotonic_now() - begun);
  }
  if (crowd.failed > 0) return state.SkipWithError("a question failed for another reason than too few sessions");
  if (crowd.answered == 0) return state.SkipWithError("nobody was answered");
  const DatabaseUse use = store->use();
  state.counters["refused"] = static_cast<double>(crowd.refused.load());
  state.counters["in_use_afterwards"] = static_cast<double>(use.in_use);
  state.counters["recovered_ms"] = std::chrono::duration<double, std::milli>(slowest).count();
}
BENCHMARK(exhaustion)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace bench

BENCHMARK_MAIN();
