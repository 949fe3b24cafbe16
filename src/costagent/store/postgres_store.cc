#include "costagent/store/postgres_store.h"

#include <fmt/format.h>

#include "base/deadline.h"
#include "costagent/store/postgres_facts.h"
#include "costagent/store/postgres_feedback.h"
#include "costagent/store/postgres_jobs.h"
#include "costagent/store/postgres_leases.h"
#include "costagent/store/postgres_pool.h"
#include "costagent/store/postgres_queries.h"
#include "costagent/store/postgres_schema.h"
#include "costagent/store/postgres_state.h"
#include "costagent/store/postgres_watch.h"
#include "costagent/store/store_of.h"

namespace costagent {
namespace {

// A server that is there answers in milliseconds, but another process may be migrating.
constexpr base::Nanoseconds kOpening = std::chrono::seconds(30);

using PostgresStore =
    StoreOf<PostgresPool, PostgresFacts, PostgresState, PostgresJobs, PostgresLeases, PostgresWatch, PostgresFeedback>;

base::Result<std::string> read_identity(io::Postgres& session, base::Nanoseconds until) {
  const auto rows = session.run(postgres::kIdentity, {}, until);
  if (!rows) return base::pass_on(rows);
  if (rows->size() != 1) return base::fail(base::ErrorKind::corrupt, "the database doesn't say which it is");
  return std::string(rows->text(0, 0));
}

// Which server, and which of its databases. Empty where the role isn't told: copies then can't be told apart.
std::string read_place(io::Postgres& session, base::Nanoseconds until) {
  const auto rows = session.run(postgres::kPlace, {}, until);
  return rows && rows->size() == 1 ? std::string(rows->text(0, 0)) : std::string();
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url, const base::Clock& clock,
                                                         const StoreOptions& options) {
  const base::Nanoseconds until = base::SystemClock::monotonic_now() + base::time_left(kOpening);
  auto pool = PostgresPool::open({url, options.sessions, options.workers}, clock, until);
  if (!pool) return base::pass_on(pool);
  std::string identity;
  std::string instance;
  {
    auto session = (*pool)->lend(until);
    if (!session) return base::pass_on(session);
    if (const auto migrated = migrate_postgres(**session, until); !migrated) return base::pass_on(migrated);
    auto read = read_identity(**session, until);
    if (!read) return base::pass_on(read);
    identity = std::move(*read);
    instance = fmt::format("{}.{}", identity, read_place(**session, until));
  }
  return std::make_unique<PostgresStore>(std::move(*pool), std::move(identity), std::move(instance), clock);
}

}  // namespace costagent
