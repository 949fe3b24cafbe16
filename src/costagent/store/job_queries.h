// Every statement that SQLite runs for jobs; the table is in schema.cc, where times are microseconds since 1970.
#pragma once

#include <array>

namespace costagent {

inline constexpr const char* kJobById = R"sql(
SELECT id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker, due,
       progress, note, result, error, created, started, finished
FROM job WHERE id = ?)sql";

inline constexpr const char* kAddJob = R"sql(
INSERT INTO job (id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker,
                 due, progress, note, result, error, created, started, finished)
VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, 0, ?, 0, '', ?, 0, '', '', '', ?, 0, 0))sql";

// The condition of the unique index job_key, word by word.
inline constexpr const char* kUnfinishedJobOfKey = R"sql(
SELECT id FROM job
WHERE customer = ? AND key = ? AND key <> '' AND state IN ('queued', 'running') AND cancelling = 0)sql";

inline constexpr const char* kQueuedJobs = "SELECT count(*) FROM job WHERE state = 'queued'";
inline constexpr const char* kQueuedJobsOfCustomer = R"sql(
SELECT count(*) FROM job WHERE state = 'queued' AND customer = ?)sql";

// Kinds are a JSON array of texts.
inline constexpr const char* kNextQueuedJobDue = R"sql(
SELECT due FROM job WHERE state = 'queued' AND kind IN (SELECT value FROM json_each(?)) ORDER BY due LIMIT 1)sql";
inline constexpr const char* kNextLeaseEnd = "SELECT due FROM job WHERE state = 'running' ORDER BY due LIMIT 1";

// ?1 now, ?2 when what ends is forgotten, ?3 what is said of it.
inline constexpr const char* kTakeBackJobs = R"sql(
UPDATE job SET
  state = CASE WHEN cancelling THEN 'cancelled' WHEN attempts >= max_attempts THEN 'failed' ELSE 'queued' END,
  due = CASE WHEN cancelling OR attempts >= max_attempts THEN ?2 ELSE ?1 END,
  finished = CASE WHEN cancelling OR attempts >= max_attempts THEN ?1 ELSE 0 END,
  error = ?3, cancelling = 0
WHERE state = 'running' AND due <= ?1)sql";

// ?1 now, ?2 the end of the lease, ?3 the worker, ?4 the kinds.
inline constexpr const char* kClaimJob = R"sql(
UPDATE job SET
  state = 'running', attempts = attempts + 1, claims = claims + 1, worker = ?3, due = ?2, started = ?1, progress = 0,
  note = ''
WHERE number = (
  SELECT first
  FROM (SELECT customer, min(number) AS first FROM job
        WHERE state = 'queued' AND due <= ?1 AND kind IN (SELECT value FROM json_each(?4))
          AND priority = (SELECT priority FROM job
                          WHERE state = 'queued' AND due <= ?1 AND kind IN (SELECT value FROM json_each(?4))
                          ORDER BY priority DESC LIMIT 1)
        GROUP BY customer) AS ready
  ORDER BY (SELECT count(*) FROM job AS busy WHERE busy.state = 'running' AND busy.customer = ready.customer),
           (SELECT max(started) FROM job AS served WHERE served.customer = ready.customer), first
  LIMIT 1)
RETURNING id)sql";

inline constexpr const char* kExtendLease = R"sql(
UPDATE job SET due = ?, progress = CASE WHEN cancelling THEN progress ELSE ? END, note = ?
WHERE id = ? AND state = 'running' AND claims = ? RETURNING cancelling)sql";

// ?1 the state, ?2 now, ?3 when it is tried again, ?4 when it is forgotten, ?5 attempts that don't count, ?6 the
// result, ?7 the error, ?8 and ?9 the lease.
inline constexpr const char* kSettleJob = R"sql(
UPDATE job SET
  state = CASE WHEN cancelling AND ?1 <> 'done' THEN 'cancelled' ELSE ?1 END,
  due = CASE WHEN ?1 = 'queued' AND NOT cancelling THEN ?3 ELSE ?4 END,
  finished = CASE WHEN ?1 = 'queued' AND NOT cancelling THEN 0 ELSE ?2 END,
  progress = CASE WHEN ?1 = 'done' THEN 1 ELSE progress END,
  attempts = attempts - ?5, result = ?6, error = ?7, cancelling = 0
WHERE id = ?8 AND state = 'running' AND claims = ?9
RETURNING state)sql";

// ?1 the job, ?2 now, ?3 when it is forgotten.
inline constexpr const char* kCancelJob = R"sql(
UPDATE job SET
  state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END, cancelling = (state = 'running'),
  due = CASE WHEN state = 'queued' THEN ?3 ELSE due END, finished = CASE WHEN state = 'queued' THEN ?2 ELSE 0 END
WHERE id = ?1 AND state IN ('queued', 'running'))sql";

inline constexpr const char* kRetryJob = R"sql(
UPDATE job SET state = 'queued', due = ?, attempts = 0, progress = 0, note = '', error = '', finished = 0
WHERE id = ? AND state IN ('failed', 'cancelled'))sql";

inline constexpr const char* kJobsOfState = R"sql(
SELECT id FROM job WHERE state = ? ORDER BY number DESC LIMIT ? OFFSET ?)sql";
inline constexpr const char* kJobsOfStateAndCustomer = R"sql(
SELECT id FROM job WHERE state = ? AND customer = ? ORDER BY number DESC LIMIT ? OFFSET ?)sql";

inline constexpr const char* kCountJobs = R"sql(
SELECT state, count(*) FROM job WHERE state IN ('queued', 'running', 'failed') GROUP BY state)sql";
inline constexpr const char* kOldestQueuedJob = R"sql(
SELECT created FROM job WHERE state = 'queued' ORDER BY number LIMIT 1)sql";

inline constexpr const char* kForgetJobs = R"sql(
DELETE FROM job WHERE number IN (
  SELECT number FROM job WHERE state IN ('done', 'failed', 'cancelled') AND due <= ? LIMIT ?))sql";

// All that look jobs up: each must find them by an index, which a test holds them to.
inline constexpr auto kJobLookUps = std::to_array<const char*>(
    {kJobById, kUnfinishedJobOfKey, kQueuedJobs, kQueuedJobsOfCustomer, kNextQueuedJobDue, kNextLeaseEnd, kTakeBackJobs,
     kClaimJob, kExtendLease, kSettleJob, kCancelJob, kRetryJob, kJobsOfState, kJobsOfStateAndCustomer, kCountJobs,
     kOldestQueuedJob, kForgetJobs});

}  // namespace costagent
