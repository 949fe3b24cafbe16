#include "costagent/store/postgres_facts.h"

#include "base/deadline.h"
#include "costagent/store/delivery_writer.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_fact_source.h"
#include "costagent/store/postgres_load_sink.h"
#include "costagent/store/postgres_publish.h"

namespace costagent {
namespace {

using io::PostgresValues;

// What one question may take once it has a session: a job's may go through a large customer's years. A request's
// deadline ends it before.
constexpr base::Nanoseconds kReading = std::chrono::minutes(1);
// A bounded number of rows, on a busy server.
constexpr base::Nanoseconds kClearing = std::chrono::seconds(30);

base::Nanoseconds deadline_within(base::Nanoseconds most) {
  return base::SystemClock::monotonic_now() + base::time_left(most);
}

}  // namespace

base::Result<bool> PostgresFacts::has_beginning(const std::string& customer, const std::string& beginning) {
  const auto rows = ask_by_index(pool_, postgres::kHasBeginning, PostgresValues().bytes(customer).text(beginning));
  if (!rows) return base::pass_on(rows);
  return rows->boolean(0, 0);
}

base::Result<std::unique_ptr<FactWriter>> PostgresFacts::begin(const Delivery& delivery) {
  auto sink = make_postgres_load_sink(pool_, clock_, known_months_, delivery);
  if (!sink) return base::pass_on(sink);
  return make_delivery_writer(std::move(*sink));
}

base::Result<bool> PostgresFacts::clear_leftovers() {
  auto session = pool_.lend(store_deadline());
  if (!session) return base::pass_on(session);
  const auto abandoned = std::chrono::floor<std::chrono::seconds>(clock_.utc() - kAbandonedAfter);
  return clear_some_leftovers(**session, abandoned.time_since_epoch().count(), deadline_within(kClearing));
}

base::Result<std::unique_ptr<FactSource>> PostgresFacts::source() {
  auto session = pool_.lend(store_deadline());
  if (!session) return base::pass_on(session);
  return make_postgres_fact_source(std::move(*session), deadline_within(kReading), texts_, slices_);
}

}  // namespace costagent
