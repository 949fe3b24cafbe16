#include "costagent/store/postgres_ask.h"

#include "base/deadline.h"
#include "costagent/store/postgres_queries.h"
#include "io/postgresql_pipeline.h"

namespace costagent {
namespace {

constexpr base::Nanoseconds kPatience = std::chrono::seconds(10);

}  // namespace

base::Nanoseconds store_deadline() { return base::SystemClock::monotonic_now() + base::time_left(kPatience); }

base::Result<io::PostgresRows> ask(PostgresPool& pool, const io::PostgresStatement& statement,
                                   const io::PostgresValues& parameters) {
  auto session = pool.lend(store_deadline());
  if (!session) return base::pass_on(session);
  return (*session)->run(statement, parameters, session->until());
}

base::Result<io::PostgresRows> ask_by_index(PostgresPool& pool, const io::PostgresStatement& statement,
                                            io::PostgresValues parameters) {
  auto session = pool.lend(store_deadline());
  if (!session) return base::pass_on(session);
  io::PostgresPipeline pipeline(**session);
  pipeline.add(postgres::kPlanOnce);
  pipeline.add(statement, std::move(parameters));
  auto rows = pipeline.run(session->until());
  if (!rows) return base::pass_on(rows);
  return std::move(rows->back());
}

}  // namespace costagent
