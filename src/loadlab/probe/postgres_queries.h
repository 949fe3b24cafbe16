// What the PostgreSQL probe asks, each statement named after what it answers.
#pragma once

namespace loadlab::postgres {

// Whose sessions' states are hidden from this role, sees their number all the same: they are those of some database.
inline constexpr const char* kSessions = R"(
SELECT count(*) AS sessions,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_states,
       count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state = 'idle') AS idle,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
       count(*) FILTER (WHERE state = 'active' AND wait_event_type IS NOT NULL) AS waiting,
       count(*) FILTER (WHERE state = 'active' AND wait_event_type = 'Lock') AS waits_lock,
       count(*) FILTER (WHERE state = 'active' AND wait_event_type = 'LWLock') AS waits_lwlock,
       count(*) FILTER (WHERE state = 'active' AND wait_event_type = 'IO') AS waits_io,
       current_setting('max_connections')::int AS max_connections,
       (SELECT count(*) FROM pg_locks WHERE NOT granted) AS locks_waiting
FROM pg_stat_activity
WHERE (backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL)) AND pid <> pg_backend_pid())";

inline constexpr const char* kDatabase = R"(
SELECT xact_commit, xact_rollback, tup_returned, tup_fetched,
       tup_inserted + tup_updated + tup_deleted AS tup_written,
       blks_hit, blks_read, deadlocks, temp_files, temp_bytes
FROM pg_stat_database WHERE datname = current_database())";

// From version 14 on.
inline constexpr const char* kWal = "SELECT wal_bytes FROM pg_stat_wal";

// Until version 16, and from 17 on.
inline constexpr const char* kCheckpoints = "SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter";
inline constexpr const char* kCheckpointsFrom17 = "SELECT num_timed + num_requested FROM pg_stat_checkpointer";

inline constexpr const char* kRows =
    "SELECT coalesce(sum(n_dead_tup), 0) AS dead, coalesce(sum(n_live_tup), 0) AS live FROM pg_stat_user_tables";

inline constexpr const char* kSize = "SELECT pg_database_size(current_database())";

inline constexpr const char* kCountsStatements = "SELECT to_regclass('pg_stat_statements') IS NOT NULL";

// Allowed to superusers only; who may not, subtracts its own statements.
inline constexpr const char* kCountNotMine = "SET pg_stat_statements.track = 'none'";

inline constexpr const char* kStatementsTotal = R"(
SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(total_exec_time), 0) AS total_ms
FROM pg_stat_statements(false) WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))";

inline constexpr const char* kStatementsBefore = R"(
SELECT userid || '/' || queryid AS key, '' AS query, sum(calls) AS calls, sum(total_exec_time) AS total_ms,
       sum(rows) AS rows
FROM pg_stat_statements(false)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL GROUP BY 1)";

inline constexpr const char* kStatementsAfter = R"(
SELECT userid || '/' || queryid AS key, left(min(query), 200) AS query, sum(calls) AS calls,
       sum(total_exec_time) AS total_ms, sum(rows) AS rows
FROM pg_stat_statements(true)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL GROUP BY 1)";

}  // namespace loadlab::postgres
