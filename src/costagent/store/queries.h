// Every statement that the store runs, named after what it answers or does; the tables are in schema.cc.
#pragma once

#include <array>

namespace costagent {

// The dictionary.
inline constexpr const char* kIdOfText = "SELECT id FROM dictionary WHERE text = ?";
inline constexpr const char* kTextOfId = "SELECT text FROM dictionary WHERE id = ?";
inline constexpr const char* kAddText = "INSERT INTO dictionary (text) VALUES (?)";

// Files and what they bring.
inline constexpr const char* kKnownFile = R"sql(
SELECT rows, rejected, billed, effective FROM file WHERE customer = ? AND digest = ?)sql";

// Files are numbered as they come.
inline constexpr const char* kNewestFile = "SELECT id FROM file WHERE customer = ? ORDER BY id DESC LIMIT 1";

inline constexpr const char* kAddFile = R"sql(
INSERT INTO file (customer, digest, name, header, rows, rejected, billed, effective)
VALUES (?, ?, ?, ?, 0, 0, '0', '0'))sql";

inline constexpr const char* kFinishFile = R"sql(
UPDATE file SET rows = ?, rejected = ?, billed = ?, effective = ? WHERE id = ?)sql";

inline constexpr const char* kAddCharge = R"sql(
INSERT INTO charge (file, period_start, period_end, billing_period_start, provider, billing_account, account, category,
                    class, service, region, resource, sku, pricing_category, commitment, commitment_status, unit, tags,
                    currency, quantity, billed, effective, list, contracted)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr const char* kAddRawBlock = R"sql(
INSERT INTO raw_block (file, number, lines, size, deflated) VALUES (?, ?, ?, ?, ?))sql";

inline constexpr const char* kNameResource = R"sql(
INSERT INTO resource (customer, id, name, type) VALUES (?, ?, ?, ?)
ON CONFLICT (customer, id) DO UPDATE SET name = excluded.name, type = excluded.type)sql";

inline constexpr const char* kResourceNames = "SELECT name, type FROM resource WHERE customer = ? AND id = ?";

// Daily rollups.
inline constexpr const char* kAddDailyService = R"sql(
INSERT INTO daily_service (customer, day, provider, account, service, region, category, currency, file, part, billed,
                           effective)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr const char* kAddDailyResource = R"sql(
INSERT INTO daily_resource (customer, day, provider, account, service, region, category, currency, resource, file, part,
                            billed, effective)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr const char* kAddDailyUtilisation = R"sql(
INSERT INTO daily_utilisation (customer, resource, day, file, part, hours, cpu_sum, cpu_max, memory_sum, memory_max,
                               network_sum, disk_sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr const char* kFirstDay = R"sql(
SELECT day FROM daily_service WHERE customer = ? ORDER BY day LIMIT 1)sql";

inline constexpr const char* kLastDay = R"sql(
SELECT day FROM daily_service WHERE customer = ? ORDER BY day DESC LIMIT 1)sql";

inline constexpr const char* kUtilisation = R"sql(
SELECT sum(hours), sum(cpu_sum), max(cpu_max), sum(memory_sum), max(memory_max), sum(network_sum), sum(disk_sum)
FROM daily_utilisation WHERE customer = ? AND resource = ? AND day >= ? AND day < ?)sql";

// Costs of days in their order, from the coarser rollup and from the finer one: day, currency, billed, effective, then
// the dimensions in the order of their enumeration. Which of them must have which value is for the reader to compare:
// the index knows days only, and one text for all questions is prepared once.
inline constexpr const char* kDailyServiceCosts = R"sql(
SELECT day, currency, billed, effective, provider, account, service, region, NULL, category FROM daily_service
WHERE customer = ? AND day >= ? AND day < ? ORDER BY day)sql";

inline constexpr const char* kDailyResourceCosts = R"sql(
SELECT day, currency, billed, effective, provider, account, service, region, resource, category FROM daily_resource
WHERE customer = ? AND day >= ? AND day < ? ORDER BY day)sql";

// State.
inline constexpr const char* kRecommendationById = R"sql(
SELECT id, customer, type, status, risk, confidence, provider, account, service, region, resource_id, title, evidence,
       currency, monthly_cost, monthly_savings, created
FROM recommendation WHERE id = ?)sql";

inline constexpr const char* kRecommendationsOfCustomer = R"sql(
SELECT id, customer, type, status, risk, confidence, provider, account, service, region, resource_id, title, evidence,
       currency, monthly_cost, monthly_savings, created
FROM recommendation WHERE customer = ? ORDER BY id LIMIT ? OFFSET ?)sql";

// Status and creation stay as they are.
inline constexpr const char* kWriteRecommendation = R"sql(
INSERT INTO recommendation (id, customer, type, status, risk, confidence, provider, account, service, region,
                            resource_id, title, evidence, currency, monthly_cost, monthly_savings, created)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  risk = excluded.risk, confidence = excluded.confidence, provider = excluded.provider, account = excluded.account,
  service = excluded.service, region = excluded.region, title = excluded.title, evidence = excluded.evidence,
  currency = excluded.currency, monthly_cost = excluded.monthly_cost, monthly_savings = excluded.monthly_savings)sql";

inline constexpr const char* kSetStatus = "UPDATE recommendation SET status = ? WHERE id = ?";

inline constexpr const char* kJobById = R"sql(
SELECT id, kind, customer, state, result, error, created, finished FROM job WHERE id = ?)sql";

inline constexpr const char* kWriteJob = R"sql(
INSERT INTO job (id, kind, customer, state, result, error, created, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  state = excluded.state, result = excluded.result, error = excluded.error, finished = excluded.finished)sql";

inline constexpr const char* kFailUnfinishedJobs = R"sql(
UPDATE job SET state = 'failed', error = ?, finished = ? WHERE state IN ('queued', 'running'))sql";

// Leases, and what is done under them. The first row to be taken is made; the token counts the takings.
inline constexpr const char* kTakeLease = R"sql(
INSERT INTO lease (name, holder, until, token) VALUES (?1, ?2, ?3, 1)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, token = token + 1
WHERE until <= ?4
RETURNING token)sql";

inline constexpr const char* kLeaseByName = "SELECT holder, until, token FROM lease WHERE name = ?";

inline constexpr const char* kSetLeaseEnd = "UPDATE lease SET until = ? WHERE name = ? AND token = ?";

inline constexpr const char* kTaskByName = R"sql(
SELECT name, due, started, finished, holder, error, runs, failures FROM task WHERE name = ?)sql";

inline constexpr const char* kAllTasks = R"sql(
SELECT name, due, started, finished, holder, error, runs, failures FROM task ORDER BY name LIMIT 100)sql";

// Only under the newest lease.
inline constexpr const char* kSaveTask = R"sql(
INSERT INTO task (name, due, started, finished, holder, error, runs, failures)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM lease WHERE name = ?9 AND token = ?10)
ON CONFLICT (name) DO UPDATE SET
  due = excluded.due, started = excluded.started, finished = excluded.finished, holder = excluded.holder,
  error = excluded.error, runs = excluded.runs, failures = excluded.failures)sql";

// All that look something up: each must find its rows by an index, which a test holds them to.
inline constexpr auto kLookUps = std::to_array<const char*>(
    {kIdOfText, kTextOfId, kKnownFile, kNewestFile, kFinishFile, kResourceNames, kFirstDay, kLastDay,
     kDailyServiceCosts, kDailyResourceCosts, kUtilisation, kRecommendationById, kRecommendationsOfCustomer, kSetStatus,
     kJobById, kFailUnfinishedJobs, kLeaseByName, kSetLeaseEnd, kTaskByName});

}  // namespace costagent
