// Every statement that the store asks of PostgreSQL, named after what it answers; those of jobs are in
// postgres_job_queries.h.
//
// Tables are named with their schema, so that nothing depends on a session's search path. Texts are compared by their
// bytes (COLLATE "C", see postgres_schema.cc) as SQLite does, whatever the database's language.
#pragma once

#include <array>

#include "io/postgresql.h"

namespace costagent::postgres {

// Sessions.

// What each session is told when it is made, as one text:
//   client_connection_check_interval     a statement whose asker is gone ends within a second
//   idle_in_transaction_session_timeout  a stopped process holds its locks no longer; an ingest thinks for seconds
//   tcp_keepalives_idle                  a machine that is gone is noticed within minutes rather than hours
inline constexpr const char* kSetUpSession = R"sql(
SET client_encoding = 'UTF8';
SET client_min_messages = error;
SET timezone = 'UTC';
SET default_transaction_isolation = 'read committed';
SET default_transaction_read_only = off;
SET client_connection_check_interval = '1s';
SET idle_in_transaction_session_timeout = '5min';
SET tcp_keepalives_idle = 60)sql";

inline constexpr io::PostgresStatement kAreYouThere{"are_you_there", "SELECT 1"};

// How many sessions the server, the database and the role allow us. `reserved_connections` is PostgreSQL 16's.
inline constexpr io::PostgresStatement kRoom{"room", R"sql(
SELECT least(current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
               - coalesce(current_setting('reserved_connections', true)::bigint, 0),
             (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = session_user),
             (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())))sql"};

// For the rest of the transaction.
//
// A statement's plan is made once, which takes longer than what such small questions do, most of all where a table has
// many partitions. Plans that don't know the values must do for small tables and for what becomes of them: so they go
// by an index, which each of these has.
inline constexpr io::PostgresStatement kPlanOnce{"plan_once", R"sql(
SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
       set_config('jit', 'off', true))sql"};
// And its end need not be on the disk, as what it did is done again, or counts only with a later one.
inline constexpr io::PostgresStatement kPlanOnceAndCommitLazily{"plan_once_and_commit_lazily", R"sql(
SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
       set_config('jit', 'off', true), set_config('synchronous_commit', 'off', true))sql"};

// The schema.
inline constexpr io::PostgresStatement kSchemaState{"schema_state", R"sql(
SELECT to_regclass('costagent.schema_version') IS NOT NULL,
       EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('costagent')))sql"};

inline constexpr io::PostgresStatement kSchemaVersion{"schema_version", "SELECT version FROM costagent.schema_version"};

inline constexpr io::PostgresStatement kSetSchemaVersion{"set_schema_version", R"sql(
UPDATE costagent.schema_version SET version = $1::integer)sql"};

inline constexpr io::PostgresStatement kIdentity{"identity", "SELECT id FROM costagent.identity"};

// Two servers with a copy each may well have given it the same number.
inline constexpr io::PostgresStatement kPlace{"place", R"sql(
SELECT (SELECT system_identifier::text FROM pg_control_system()) || '.' ||
       (SELECT oid FROM pg_database WHERE datname = current_database()))sql"};

// Until the transaction ends; waits for whoever has it.
inline constexpr io::PostgresStatement kLockSchema{"lock_schema", "SELECT pg_advisory_xact_lock($1::bigint)"};

// State.
inline constexpr io::PostgresStatement kRecommendationById{"recommendation_by_id", R"sql(
SELECT id, customer, type, status, risk, confidence, provider, account, service, region, resource_id, title, evidence,
       currency, monthly_cost::text, monthly_savings::text, created
FROM costagent.recommendation WHERE id = $1)sql"};

inline constexpr io::PostgresStatement kRecommendationsById{"recommendations_by_id", R"sql(
SELECT id, customer, type, status, risk, confidence, provider, account, service, region, resource_id, title, evidence,
       currency, monthly_cost::text, monthly_savings::text, created
FROM costagent.recommendation WHERE id = ANY ($1::text[]))sql"};

inline constexpr io::PostgresStatement kRecommendationsOfCustomer{"recommendations_of_customer", R"sql(
SELECT id, customer, type, status, risk, confidence, provider, account, service, region, resource_id, title, evidence,
       currency, monthly_cost::text, monthly_savings::text, created
FROM costagent.recommendation WHERE customer = $1 ORDER BY id LIMIT $2::bigint OFFSET $3::bigint)sql"};

// Status and creation stay as they are.
inline constexpr io::PostgresStatement kWriteRecommendation{"write_recommendation", R"sql(
INSERT INTO costagent.recommendation (id, customer, type, status, risk, confidence, provider, account, service, region,
                                      resource_id, title, evidence, currency, monthly_cost, monthly_savings, created)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (id) DO UPDATE SET
  risk = excluded.risk, confidence = excluded.confidence, provider = excluded.provider, account = excluded.account,
  service = excluded.service, region = excluded.region, title = excluded.title, evidence = excluded.evidence,
  currency = excluded.currency, monthly_cost = excluded.monthly_cost, monthly_savings = excluded.monthly_savings)sql"};

// Counts the decision, too.
inline constexpr io::PostgresStatement kSetStatus{"set_status", R"sql(
WITH decided AS (UPDATE costagent.recommendation SET status = $1 WHERE id = $2 RETURNING customer)
INSERT INTO costagent.decision_version AS known (customer, version) SELECT customer, 1 FROM decided
ON CONFLICT (customer) DO UPDATE SET version = known.version + 1)sql"};

inline constexpr io::PostgresStatement kDecisionsVersion{"decisions_version", R"sql(
SELECT version FROM costagent.decision_version WHERE customer = $1)sql"};

// Leases, and what is done under them. The first to be taken is made; the token counts the takings.
inline constexpr io::PostgresStatement kTakeLease{"take_lease", R"sql(
INSERT INTO costagent.lease AS held (name, holder, until, token) VALUES ($1, $2, $3, 1)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, token = held.token + 1
WHERE held.until <= $4::bigint
RETURNING token)sql"};

inline constexpr io::PostgresStatement kLeaseByName{"lease_by_name", R"sql(
SELECT holder, until, token FROM costagent.lease WHERE name = $1)sql"};

inline constexpr io::PostgresStatement kSetLeaseEnd{"set_lease_end", R"sql(
UPDATE costagent.lease SET until = $1 WHERE name = $2 AND token = $3)sql"};

inline constexpr io::PostgresStatement kTaskByName{"task_by_name", R"sql(
SELECT name, due, started, finished, holder, error, runs, failures FROM costagent.task WHERE name = $1)sql"};

inline constexpr io::PostgresStatement kAllTasks{"all_tasks", R"sql(
SELECT name, due, started, finished, holder, error, runs, failures FROM costagent.task ORDER BY name LIMIT 100)sql"};

// Only under the newest lease, which nobody can take from here to the end of the statement.
inline constexpr io::PostgresStatement kSaveTask{"save_task", R"sql(
WITH held AS (SELECT FROM costagent.lease WHERE name = $9 AND token = $10 FOR SHARE)
INSERT INTO costagent.task (name, due, started, finished, holder, error, runs, failures)
SELECT $1, $2::bigint, $3::bigint, $4::bigint, $5, $6, $7::bigint, $8::bigint FROM held
ON CONFLICT (name) DO UPDATE SET
  due = excluded.due, started = excluded.started, finished = excluded.finished, holder = excluded.holder,
  error = excluded.error, runs = excluded.runs, failures = excluded.failures)sql"};

// Watched files. A row goes in the place of the one that was read, and of no newer one; in the order of their paths, so
// that who saves the same ones doesn't wait in a circle.
inline constexpr io::PostgresStatement kWatchedFiles{"watched_files", R"sql(
SELECT path, state, size, modified, changed, digest, job, error, due, since, revision
FROM costagent.watched_file WHERE customer = $1 ORDER BY path LIMIT $2::bigint)sql"};

inline constexpr io::PostgresStatement kSaveWatchedFiles{"save_watched_files", R"sql(
INSERT INTO costagent.watched_file AS known
  (customer, path, state, size, modified, changed, digest, job, error, due, since, revision)
SELECT $1, seen.* FROM unnest($2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
  $8::text[], $9::bytea[], $10::bigint[], $11::bigint[], $12::bigint[]) AS seen ORDER BY 2
ON CONFLICT (customer, path) DO UPDATE SET
  state = excluded.state, size = excluded.size, modified = excluded.modified, changed = excluded.changed,
  digest = excluded.digest, job = excluded.job, error = excluded.error, due = excluded.due, since = excluded.since,
  revision = excluded.revision
WHERE known.revision = excluded.revision - 1)sql"};

inline constexpr io::PostgresStatement kForgetWatchedFiles{"forget_watched_files", R"sql(
DELETE FROM costagent.watched_file WHERE customer = $1 AND path = ANY ($2::bytea[]))sql"};

inline constexpr io::PostgresStatement kCountWatchedFiles{"count_watched_files", R"sql(
SELECT state, count(*) FROM costagent.watched_file GROUP BY state)sql"};

// All that look something up: each must find its rows by an index, which a test holds them to.
inline constexpr auto kLookUps = std::to_array<io::PostgresStatement>(
    {kRecommendationById, kRecommendationsById, kRecommendationsOfCustomer, kSetStatus, kDecisionsVersion, kTakeLease,
     kLeaseByName, kSetLeaseEnd, kTaskByName, kSaveTask, kWatchedFiles, kForgetWatchedFiles});

}  // namespace costagent::postgres
