// Every statement that PostgreSQL runs for jobs; the table is in postgres_schema.cc, where times are microseconds since
// 1970.
#pragma once

#include <array>

#include "io/postgresql.h"

namespace costagent::postgres {

// $1 now, $2 when what ends is forgotten, $3 what is said of it.
inline constexpr io::PostgresStatement kTakeBackJobs{"take_back_jobs", R"sql(
UPDATE costagent.job SET
  state = CASE WHEN cancelling THEN 'cancelled' WHEN attempts >= max_attempts THEN 'failed' ELSE 'queued' END,
  due = CASE WHEN cancelling OR attempts >= max_attempts THEN $2 ELSE $1 END,
  finished = CASE WHEN cancelling OR attempts >= max_attempts THEN $1 ELSE 0 END,
  error = $3, cancelling = false
WHERE number IN (SELECT number FROM costagent.job WHERE state = 'running' AND due <= $1::bigint
                 FOR UPDATE SKIP LOCKED))sql"};

// One claims after the other, until the transaction ends: each knows what those before it have taken.
inline constexpr io::PostgresStatement kLockClaims{"lock_claims", "SELECT pg_advisory_xact_lock($1::bigint)"};

// $1 now, $2 the end of the lease, $3 the worker, $4 the kinds. Goes from customer to customer, however many jobs each
// has. None if the job was cancelled just then.
inline constexpr io::PostgresStatement kClaimJob{"claim_job", R"sql(
WITH RECURSIVE top AS MATERIALIZED (
  SELECT priority FROM costagent.job
  WHERE state = 'queued' AND due <= $1::bigint AND kind = ANY ($4::text[])
  ORDER BY priority DESC LIMIT 1),
ready AS (
  (SELECT customer, number FROM costagent.job
   WHERE state = 'queued' AND due <= $1::bigint AND kind = ANY ($4::text[])
     AND priority = (SELECT priority FROM top)
   ORDER BY customer, number LIMIT 1)
  UNION ALL
  SELECT following.customer, following.number
  FROM ready CROSS JOIN LATERAL (
    SELECT customer, number FROM costagent.job
    WHERE state = 'queued' AND due <= $1::bigint AND kind = ANY ($4::text[])
      AND priority = (SELECT priority FROM top) AND customer > ready.customer
    ORDER BY customer, number LIMIT 1) AS following),
running AS MATERIALIZED (
  SELECT customer, count(*) AS busy FROM costagent.job WHERE state = 'running' GROUP BY customer),
next AS MATERIALIZED (
  SELECT number FROM ready LEFT JOIN running USING (customer)
  ORDER BY coalesce(busy, 0),
           (SELECT max(started) FROM costagent.job AS served WHERE served.customer = ready.customer), number
  LIMIT 1)
UPDATE costagent.job SET
  state = 'running', attempts = attempts + 1, claims = claims + 1, worker = $3, due = $2, started = $1::bigint,
  progress = 0, note = ''
WHERE number = (SELECT number FROM next) AND state = 'queued'
RETURNING id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker, due,
          progress, note, result, error, created, started, finished)sql"};

inline constexpr io::PostgresStatement kJobById{"job_by_id", R"sql(
SELECT id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker, due,
       progress, note, result, error, created, started, finished
FROM costagent.job WHERE id = $1)sql"};

// Those who add queued jobs do so one after the other: what they count stays true until they end.
inline constexpr io::PostgresStatement kLockQueue{"lock_queue", "SELECT pg_advisory_xact_lock($1::bigint)"};

// Adds one unless that would be too many, $10 in all and $11 of the customer, or there is one with its key; tells how
// many there were, and how many it added. The last condition is the unique index job_key's, word by word.
inline constexpr io::PostgresStatement kAddJob{"add_job", R"sql(
WITH queued AS MATERIALIZED (
  SELECT (SELECT count(*) FROM costagent.job WHERE state = 'queued') AS in_all,
         (SELECT count(*) FROM costagent.job WHERE state = 'queued' AND customer = $3) AS of_customer),
added AS (
  INSERT INTO costagent.job (id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts,
                             claims, worker, due, progress, note, result, error, created, started, finished)
  SELECT $1, $2, $3, $4, $5, $6, 'queued', false, 0, $7, 0, '', $8, 0, '', '', '', $9, 0, 0
  FROM queued
  WHERE in_all < $10 AND of_customer < $11
    AND NOT EXISTS (SELECT FROM costagent.job
                    WHERE customer = $3 AND key = $5 AND key <> '' AND state IN ('queued', 'running')
                      AND NOT cancelling)
  RETURNING 1)
SELECT in_all, of_customer, (SELECT count(*) FROM added) FROM queued)sql"};

// The condition of the unique index job_key, word by word.
inline constexpr io::PostgresStatement kUnfinishedJobOfKey{"unfinished_job_of_key", R"sql(
SELECT id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker, due,
       progress, note, result, error, created, started, finished
FROM costagent.job
WHERE customer = $1 AND key = $2 AND key <> '' AND state IN ('queued', 'running') AND NOT cancelling)sql"};

inline constexpr io::PostgresStatement kQueuedJobs{"queued_jobs", R"sql(
SELECT count(*) FROM costagent.job WHERE state = 'queued')sql"};

inline constexpr io::PostgresStatement kQueuedJobsOfCustomer{"queued_jobs_of_customer", R"sql(
SELECT count(*) FROM costagent.job WHERE state = 'queued' AND customer = $1)sql"};

// Of a job that waits, and of one whose lease runs out; null where there is none.
inline constexpr io::PostgresStatement kNextJobDue{"next_job_due", R"sql(
SELECT least((SELECT due FROM costagent.job WHERE state = 'queued' AND kind = ANY ($1::text[]) ORDER BY due LIMIT 1),
             (SELECT due FROM costagent.job WHERE state = 'running' ORDER BY due LIMIT 1)))sql"};

inline constexpr io::PostgresStatement kExtendLease{"extend_job_lease", R"sql(
UPDATE costagent.job SET due = $1, progress = CASE WHEN cancelling THEN progress ELSE $2 END, note = $3
WHERE id = $4 AND state = 'running' AND claims = $5 RETURNING cancelling)sql"};

// $1 the state, $2 now, $3 when it is tried again, $4 when it is forgotten, $5 attempts that don't count, $6 the
// result, $7 the error, $8 and $9 the lease.
inline constexpr io::PostgresStatement kSettleJob{"settle_job", R"sql(
UPDATE costagent.job SET
  state = CASE WHEN cancelling AND $1 <> 'done' THEN 'cancelled' ELSE $1::text END,
  due = CASE WHEN $1 = 'queued' AND NOT cancelling THEN $3::bigint ELSE $4::bigint END,
  finished = CASE WHEN $1 = 'queued' AND NOT cancelling THEN 0 ELSE $2::bigint END,
  progress = CASE WHEN $1 = 'done' THEN 1 ELSE progress END,
  attempts = attempts - $5::integer, result = $6, error = $7, cancelling = false
WHERE id = $8 AND state = 'running' AND claims = $9
RETURNING state)sql"};

// $1 the job, $2 now, $3 when it is forgotten.
inline constexpr io::PostgresStatement kCancelJob{"cancel_job", R"sql(
UPDATE costagent.job SET
  state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END, cancelling = (state = 'running'),
  due = CASE WHEN state = 'queued' THEN $3::bigint ELSE due END,
  finished = CASE WHEN state = 'queued' THEN $2::bigint ELSE 0 END
WHERE id = $1 AND state IN ('queued', 'running'))sql"};

inline constexpr io::PostgresStatement kRetryJob{"retry_job", R"sql(
UPDATE costagent.job SET state = 'queued', due = $1, attempts = 0, progress = 0, note = '', error = '', finished = 0
WHERE id = $2 AND state IN ('failed', 'cancelled'))sql"};

inline constexpr io::PostgresStatement kJobsOfState{"jobs_of_state", R"sql(
SELECT id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker, due,
       progress, note, result, error, created, started, finished
FROM costagent.job WHERE state = $1 ORDER BY number DESC LIMIT $2::bigint OFFSET $3::bigint)sql"};

inline constexpr io::PostgresStatement kJobsOfStateAndCustomer{"jobs_of_state_and_customer", R"sql(
SELECT id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker, due,
       progress, note, result, error, created, started, finished
FROM costagent.job WHERE state = $1 AND customer = $2 ORDER BY number DESC LIMIT $3::bigint OFFSET $4::bigint)sql"};

// How many wait, run and are dead, and when the oldest of the first was made.
inline constexpr io::PostgresStatement kCountJobs{"count_jobs", R"sql(
SELECT (SELECT count(*) FROM costagent.job WHERE state = 'queued'),
       (SELECT count(*) FROM costagent.job WHERE state = 'running'),
       (SELECT count(*) FROM costagent.job WHERE state = 'failed'),
       (SELECT created FROM costagent.job WHERE state = 'queued' ORDER BY number LIMIT 1))sql"};

inline constexpr io::PostgresStatement kForgetJobs{"forget_jobs", R"sql(
DELETE FROM costagent.job WHERE number IN (
  SELECT number FROM costagent.job WHERE state IN ('done', 'failed', 'cancelled') AND due <= $1::bigint
  LIMIT $2::bigint FOR UPDATE SKIP LOCKED))sql"};

// All that look jobs up: each must find them by an index, which a test holds them to.
inline constexpr auto kJobLookUps = std::to_array<io::PostgresStatement>(
    {kTakeBackJobs, kClaimJob, kAddJob, kJobById, kUnfinishedJobOfKey, kQueuedJobs, kQueuedJobsOfCustomer, kNextJobDue,
     kExtendLease, kSettleJob, kCancelJob, kRetryJob, kJobsOfState, kJobsOfStateAndCustomer, kCountJobs, kForgetJobs});

}  // namespace costagent::postgres
