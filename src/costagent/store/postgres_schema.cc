#include "costagent/store/postgres_schema.h"

#include <algorithm>
#include <array>

#include "costagent/store/postgres_detail_queries.h"
#include "costagent/store/postgres_fact_tables.h"
#include "costagent/store/postgres_queries.h"
#include "io/postgresql_transaction.h"

namespace costagent {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

// What the lock of those who migrate is known by in its database: "costagen" in ASCII.
constexpr std::int64_t kLock = 0x636f73746167656e;

// The schema may have been made for a role that may not: IF NOT EXISTS would be refused to it all the same.
//
// What comes from bills, files and callers stands as its bytes (bytea), which nobody has promised to be UTF-8; to read
// it in psql: convert_from(title, 'UTF8'). Our own words and ids are text, compared by their bytes (COLLATE "C"), as
// everywhere else in the agent.
//
// Times are since 1970: of recommendations in seconds, of leases and tasks in milliseconds, of jobs in microseconds. A
// job's number is its age, and `due` when something is to be done about it next (domain/job.h).
constexpr const char* kFirst = R"sql(
DO $$ BEGIN IF to_regnamespace('costagent') IS NULL THEN CREATE SCHEMA costagent; END IF; END $$;
CREATE TABLE costagent.schema_version (version integer NOT NULL);
INSERT INTO costagent.schema_version VALUES (0);

CREATE TABLE costagent.identity (id text NOT NULL);
INSERT INTO costagent.identity VALUES (replace(gen_random_uuid()::text, '-', ''));

CREATE TABLE costagent.recommendation (
  id text COLLATE "C" PRIMARY KEY, customer text COLLATE "C" NOT NULL, type text NOT NULL, status text NOT NULL,
  risk text NOT NULL, confidence double precision NOT NULL, provider bytea NOT NULL, account bytea NOT NULL,
  service bytea NOT NULL, region bytea NOT NULL, resource_id bytea NOT NULL, title bytea NOT NULL,
  evidence bytea NOT NULL, currency bytea NOT NULL, monthly_cost numeric NOT NULL, monthly_savings numeric NOT NULL,
  created bigint NOT NULL);
CREATE INDEX recommendation_customer ON costagent.recommendation (customer, id);
CREATE TABLE costagent.decision_version (customer text COLLATE "C" PRIMARY KEY, version bigint NOT NULL);

CREATE TABLE costagent.lease (
  name text COLLATE "C" PRIMARY KEY, holder text NOT NULL, until bigint NOT NULL, token bigint NOT NULL);
CREATE TABLE costagent.task (
  name text COLLATE "C" PRIMARY KEY, due bigint NOT NULL, started bigint NOT NULL, finished bigint NOT NULL,
  holder text NOT NULL, error bytea NOT NULL, runs bigint NOT NULL, failures bigint NOT NULL);

CREATE TABLE costagent.job (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE,
  kind text COLLATE "C" NOT NULL, customer text COLLATE "C" NOT NULL, payload bytea NOT NULL, key bytea NOT NULL,
  priority integer NOT NULL, state text COLLATE "C" NOT NULL, cancelling boolean NOT NULL, attempts integer NOT NULL,
  max_attempts integer NOT NULL, claims bigint NOT NULL, worker text NOT NULL, due bigint NOT NULL,
  progress double precision NOT NULL, note bytea NOT NULL, result bytea NOT NULL, error bytea NOT NULL,
  created bigint NOT NULL, started bigint NOT NULL, finished bigint NOT NULL);
CREATE INDEX job_due ON costagent.job (state, due);
CREATE INDEX job_order ON costagent.job (state, number);
CREATE INDEX job_customer ON costagent.job (state, customer, number);
CREATE INDEX job_served ON costagent.job (customer, started);
CREATE INDEX job_ready ON costagent.job (priority, customer, number, due, kind) WHERE state = 'queued';
CREATE UNIQUE INDEX job_key ON costagent.job (customer, key)
WHERE key <> '' AND state IN ('queued', 'running') AND NOT cancelling;
)sql";

// What is remembered of watched files (domain/watch_store.h), whose names nobody has promised to be UTF-8. Their times
// are nanoseconds since 1970, `due` and `since` milliseconds.
constexpr const char* kWatched = R"sql(
CREATE TABLE costagent.watched_file (
  customer text COLLATE "C" NOT NULL, path bytea NOT NULL, state text COLLATE "C" NOT NULL, size bigint NOT NULL,
  modified bigint NOT NULL, changed bigint NOT NULL, digest text NOT NULL, job text NOT NULL, error bytea NOT NULL,
  due bigint NOT NULL, since bigint NOT NULL, revision bigint NOT NULL, PRIMARY KEY (customer, path));
CREATE INDEX watched_file_state ON costagent.watched_file (state);
)sql";

// What people say about costs, and what they were told (domain/feedback.h): as in SQLite's schema.
constexpr const char* kFeedback = R"sql(
CREATE TABLE costagent.feedback (
  id text COLLATE "C" PRIMARY KEY, customer text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL,
  slice bytea NOT NULL, first_day integer NOT NULL, end_day integer NOT NULL, note bytea NOT NULL,
  anomaly text COLLATE "C" NOT NULL, daily_impact double precision NOT NULL, change_percent double precision NOT NULL,
  created bigint NOT NULL);
CREATE INDEX feedback_customer ON costagent.feedback (customer, created, id);
CREATE TABLE costagent.told_incident (
  customer text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL,
  slice bytea NOT NULL, currency bytea NOT NULL, first_day integer NOT NULL, end_day integer NOT NULL,
  expected double precision NOT NULL, actual double precision NOT NULL, deviations double precision NOT NULL,
  score double precision NOT NULL, version bigint NOT NULL, told bigint NOT NULL, PRIMARY KEY (customer, id));
CREATE INDEX told_incident_day ON costagent.told_incident (customer, first_day, id);
)sql";

// How much was used, in the slice's unit; null in rows that were written before.
constexpr const char* kQuantities = R"sql(
ALTER TABLE costagent.monthly_slice ADD COLUMN quantity numeric;
ALTER TABLE costagent.daily_slice ADD COLUMN quantity numeric;
)sql";

// Migration i leads from version i to version i + 1. They are never changed once released, only added to.
constexpr auto kMigrations = std::to_array<const char*>(
    {kFirst, postgres::kFactTables, postgres::kDetailTables, kWatched, kFeedback, kQuantities});

base::Result<int> version_of(io::Postgres& session, Nanoseconds until) {
  const auto state = session.run(postgres::kSchemaState, {}, until);
  if (!state) return base::pass_on(state);
  const bool ours = state->boolean(0, 0);
  const bool has_tables = state->boolean(0, 1);
  if (!ours && !has_tables) return 0;
  if (!ours) {
    return base::fail(ErrorKind::corrupt,
                      "the schema costagent of this database is another program's; it was left as it is");
  }
  const auto version = session.run(postgres::kSchemaVersion, {}, until);
  if (!version) return base::pass_on(version);
  const auto number = version->size() == 1 ? version->integer(0, 0) : -1;
  if (number < 0) return base::fail(ErrorKind::corrupt, "costagent.schema_version does not hold one version");
  if (number > newest_postgres_schema()) {
    return base::fail(ErrorKind::corrupt,
                      "the database was written by a newer costagent (its schema is {}, this one knows {}); it was "
                      "left as it is",
                      number, newest_postgres_schema());
  }
  return static_cast<int>(number);
}

base::Result<> apply(io::Postgres& session, std::size_t migration, Nanoseconds until) {
  const auto applied = session.query(kMigrations[migration], until - base::SystemClock::monotonic_now());
  if (applied) return {};
  constexpr std::string_view kNoRight = "42501";
  if (session.refusal() != kNoRight) return base::pass_on(applied);
  return base::fail_field("database",
                          "{}; let the database's owner run: GRANT CREATE ON DATABASE … TO …, or make the schema "
                          "costagent for this role",
                          applied.error().message);
}

}  // namespace

int newest_postgres_schema() { return static_cast<int>(kMigrations.size()); }

base::Result<> migrate_postgres(io::Postgres& session, Nanoseconds until, int up_to) {
  auto version = version_of(session, until);
  if (!version) return base::pass_on(version);
  if (*version >= up_to) return {};
  auto transaction = io::PostgresTransaction::begin(session, until);
  if (!transaction) return base::pass_on(transaction);
  const auto locked = session.run(postgres::kLockSchema, io::PostgresValues().int64(kLock), until);
  if (!locked) return base::pass_on(locked);
  // Another process may have migrated it while this one waited for the lock.
  version = version_of(session, until);
  if (!version) return base::pass_on(version);
  for (auto next = static_cast<std::size_t>(*version); next < static_cast<std::size_t>(up_to); ++next) {
    if (auto done = apply(session, next, until); !done) return done;
  }
  // Not backwards, where another one has gone further meanwhile.
  const auto stamped =
      session.run(postgres::kSetSchemaVersion, io::PostgresValues().int32(std::max(*version, up_to)), until);
  if (!stamped) return base::pass_on(stamped);
  return transaction->commit(until);
}

}  // namespace costagent
