// Every statement that the store runs, named after what it answers or does; those of jobs are in job_queries.h, the
// tables in schema.cc.
#pragma once

#include <array>

namespace costagent {

// The dictionary.
inline constexpr const char* kIdOfText = "SELECT id FROM dictionary WHERE text = ?";
inline constexpr const char* kTextOfId = "SELECT text FROM dictionary WHERE id = ?";
inline constexpr const char* kAddText = "INSERT INTO dictionary (text) VALUES (?)";

// Deliveries, their files and parts. States are those of schema.cc: 0 being loaded, 1 counts, 2 replaced, 3 cleared
// away.
inline constexpr const char* kAddDelivery = "INSERT INTO delivery (customer, state, touched) VALUES (?, 0, ?)";
inline constexpr const char* kTouchDelivery = "UPDATE delivery SET touched = ? WHERE id = ?";
inline constexpr const char* kStateOfDelivery = "SELECT state FROM delivery WHERE id = ?";
inline constexpr const char* kPublishDelivery = "UPDATE delivery SET state = 1, touched = ?2 WHERE id = ?1";

inline constexpr const char* kAddFile = R"sql(
INSERT INTO file (customer, delivery, state, name, format, header, beginning, digest, rows, rejected, billed, effective)
VALUES (?, ?, 0, ?, ?, ?, ?, '', 0, 0, '0', '0'))sql";

inline constexpr const char* kEndFile = R"sql(
UPDATE file SET digest = ?, rows = ?, rejected = ?, billed = ?, effective = ? WHERE id = ?)sql";

// Of a file that was taken in by an older version, the beginning isn't known.
inline constexpr const char* kHasBeginning = R"sql(
SELECT 1 FROM file
WHERE customer = (SELECT id FROM dictionary WHERE text = ?) AND beginning IN (?, '') AND state = 1 LIMIT 1)sql";

inline constexpr const char* kKnownFile = R"sql(
SELECT rows, rejected, billed, effective FROM file WHERE customer = ? AND digest = ? AND state = 1)sql";

// A file that another delivery has published since this one looked.
inline constexpr const char* kTakenByOthers = R"sql(
SELECT mine.id, mine.name, mine.digest FROM file AS mine
WHERE mine.delivery = ?1 AND EXISTS (
  SELECT 1 FROM file AS other WHERE other.customer = mine.customer AND other.digest = mine.digest AND other.state = 1))sql";

// A file that was never ended stays unpublished, and without rows.
inline constexpr const char* kPublishFiles = "UPDATE file SET state = 1 WHERE delivery = ? AND digest != ''";

inline constexpr const char* kAddPart = R"sql(
INSERT INTO part (delivery, customer, kind, provider, billing_account, billing_period, state, first_day, last_day, rows)
VALUES (?, ?, ?, ?, ?, ?, 0, 0, -1, 0))sql";
inline constexpr const char* kLinkFile = "INSERT OR IGNORE INTO file_part (part, file) VALUES (?, ?)";
inline constexpr const char* kSetExtent = "UPDATE part SET first_day = ?, last_day = ?, rows = ? WHERE id = ?";
inline constexpr const char* kSetPartCosts = R"sql(
INSERT OR REPLACE INTO part_cost (part, currency, billed, effective, list, contracted) VALUES (?, ?, ?, ?, ?, ?))sql";

// Parts that count and whose days overlap with those of one of this delivery's, of the same partition.
inline constexpr const char* kOverlapping = R"sql(
SELECT old.id, mine.id, old.provider, old.billing_account, old.billing_period, old.rows,
       old.first_day, old.last_day, mine.first_day, mine.last_day
FROM part AS mine CROSS JOIN part AS old
WHERE mine.delivery = ?1 AND old.customer = mine.customer AND old.kind = mine.kind AND mine.kind = 0
  AND old.provider = mine.provider AND old.billing_account = mine.billing_account
  AND old.billing_period = mine.billing_period AND old.state = 1
  AND old.first_day <= mine.last_day AND old.last_day >= mine.first_day)sql";

inline constexpr const char* kFilesOfPart = R"sql(
SELECT file.id, file.name, file.digest FROM file_part JOIN file ON file.id = file_part.file
WHERE file_part.part = ? ORDER BY file.id)sql";

inline constexpr const char* kReplacePart = "UPDATE part SET state = 2, replaced_by = ? WHERE id = ?";
inline constexpr const char* kReplaceFile = "UPDATE file SET state = 2 WHERE id = ? AND state = 1";
inline constexpr const char* kPublishParts = "UPDATE part SET state = 1 WHERE delivery = ?";
inline constexpr const char* kNextVersion = R"sql(
INSERT INTO facts_version (customer, version) VALUES (?, 1)
ON CONFLICT (customer) DO UPDATE SET version = version + 1)sql";
inline constexpr const char* kFactsVersion = "SELECT version FROM facts_version WHERE customer = ?";

// Parts whose rows are there and don't count.
inline constexpr const char* kHiddenParts = "SELECT id FROM part WHERE customer = ? AND state IN (0, 2) ORDER BY id";

inline constexpr const char* kBillParts = R"sql(
SELECT part.id, part.provider, part.billing_account, part.billing_period, part.first_day, part.last_day, part.rows,
       part_cost.currency, part_cost.billed, part_cost.effective, part_cost.list, part_cost.contracted
FROM part JOIN part_cost ON part_cost.part = part.id
WHERE part.customer = ? AND part.state = 1 AND part.kind = 0
ORDER BY part.billing_period DESC, part.provider, part.billing_account, part_cost.currency, part.id)sql";

inline constexpr const char* kExtent = R"sql(
SELECT min(first_day), max(last_day) FROM part WHERE customer = ? AND state = 1 AND kind = 0 AND last_day >= first_day)sql";

// What is left of what doesn't count.
inline constexpr const char* kReplacedPart = R"sql(
SELECT id, customer, kind, first_day, last_day FROM part WHERE state = 2 LIMIT 1)sql";
inline constexpr const char* kAbandonedDelivery = R"sql(
SELECT id FROM delivery WHERE state = 0 AND touched < ? LIMIT 1)sql";
inline constexpr const char* kPartOfDelivery = R"sql(
SELECT id, customer, kind, first_day, last_day FROM part WHERE delivery = ? LIMIT 1)sql";
inline constexpr const char* kClearCharges = R"sql(
DELETE FROM charge WHERE id IN (SELECT id FROM charge WHERE id >= ?1 AND id < ?2 LIMIT ?3))sql";
inline constexpr const char* kClearRawBlocks = R"sql(
DELETE FROM raw_block WHERE rowid IN (SELECT rowid FROM raw_block WHERE part = ?1 LIMIT ?2))sql";
inline constexpr const char* kClearUtilisation = R"sql(
DELETE FROM daily_utilisation WHERE customer = ? AND part = ?)sql";
inline constexpr const char* kClearCommitments = "DELETE FROM commitment WHERE part = ?";
inline constexpr const char* kSetFirstDay = "UPDATE part SET first_day = ? WHERE id = ?";
inline constexpr const char* kPartIsCleared = "UPDATE part SET state = 3 WHERE id = ?";
inline constexpr const char* kRemovePart = "DELETE FROM part WHERE id = ?";
inline constexpr const char* kRemovePartCosts = "DELETE FROM part_cost WHERE part = ?";
inline constexpr const char* kRemoveLinks = "DELETE FROM file_part WHERE part = ?";
inline constexpr const char* kRemoveFiles = "DELETE FROM file WHERE delivery = ?";
inline constexpr const char* kRemoveDelivery = "DELETE FROM delivery WHERE id = ?";

// What files bring.
inline constexpr const char* kSliceOfColumns = R"sql(
SELECT id FROM slice WHERE provider = ? AND billing_account = ? AND account = ? AND category = ? AND class = ?
  AND service = ? AND region = ? AND resource = ? AND sku = ? AND usage_type = ? AND pricing_category = ?
  AND commitment = ? AND commitment_status = ? AND unit = ? AND tags = ? AND currency = ?)sql";
inline constexpr const char* kAddSlice = R"sql(
INSERT INTO slice (provider, billing_account, account, category, class, service, region, resource, sku, usage_type,
                   pricing_category, commitment, commitment_status, unit, tags, currency)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";
inline constexpr const char* kColumnsOfSlice = R"sql(
SELECT provider, billing_account, account, category, class, service, region, resource, sku, usage_type,
       pricing_category, commitment, commitment_status, unit, tags, currency
FROM slice WHERE id = ?)sql";

inline constexpr const char* kAddCharge = R"sql(
INSERT INTO charge (id, slice, start, seconds, quantity, billed, effective, list, contracted)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr const char* kAddRawBlock = R"sql(
INSERT INTO raw_block (part, number, file, lines, size, packed) VALUES (?, ?, ?, ?, ?, ?))sql";

inline constexpr const char* kNameResource = R"sql(
INSERT INTO resource (customer, id, name, type) VALUES (?, ?, ?, ?)
ON CONFLICT (customer, id) DO UPDATE SET name = excluded.name, type = excluded.type)sql";

inline constexpr const char* kResourceNames = "SELECT name, type FROM resource WHERE customer = ? AND id = ?";

inline constexpr const char* kAddUtilisation = R"sql(
INSERT INTO daily_utilisation (customer, resource, day, part, flush, hours, cpu_sum, cpu_max, memory_sum, memory_max,
                               network_sum, disk_sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr const char* kUtilisation = R"sql(
SELECT sum(hours), sum(cpu_sum), max(cpu_max), sum(memory_sum), max(memory_max), sum(network_sum), sum(disk_sum)
FROM daily_utilisation WHERE customer = ?1 AND resource = ?2 AND day >= ?3 AND day < ?4
  AND part NOT IN (SELECT id FROM part WHERE customer = ?1 AND state IN (0, 2)))sql";

inline constexpr const char* kAddCommitment = R"sql(
INSERT INTO commitment (part, number, provider, contract, id, category, type, description, unit, quantity, currency,
                        cost, contract_start, contract_end, start, finish)
VALUES (?, (SELECT count(*) FROM commitment WHERE part = ?1), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

// Of every commitment what the newest file says.
inline constexpr const char* kCommitments = R"sql(
SELECT c.provider, c.contract, c.id, c.category, c.type, c.description, c.unit, c.quantity, c.currency, c.cost,
       c.contract_start, c.contract_end, c.start, c.finish
FROM part JOIN commitment AS c ON c.part = part.id
WHERE part.customer = ?1 AND part.state = 1 AND part.kind = 2 AND c.start < ?3 AND c.finish > ?2
ORDER BY c.id, c.contract, c.start, part.id DESC)sql";

// What the first version of the schema kept of a file.
inline constexpr const char* kFirstFiles = R"sql(
SELECT id, (SELECT text FROM dictionary WHERE id = customer), digest, name, header, rows, rejected, billed, effective,
       EXISTS (SELECT 1 FROM daily_utilisation_1 AS u WHERE u.file = file_1.id)
FROM file_1 ORDER BY id)sql";
inline constexpr const char* kFirstCharges = R"sql(
SELECT c.provider, c.billing_account, c.account, c.category, c.class, c.service, c.region, c.resource, c.sku,
       c.pricing_category, c.commitment, c.commitment_status, c.unit, c.tags, c.currency, r.name, r.type,
       c.period_start, c.period_end, c.billing_period_start, c.quantity, c.billed, c.effective, c.list, c.contracted
FROM charge_1 AS c JOIN file_1 AS f ON f.id = c.file
LEFT JOIN resource AS r ON r.customer = f.customer AND r.id = c.resource
WHERE c.file = ? ORDER BY c.id)sql";
inline constexpr const char* kFirstRawBlocks = "SELECT size, deflated FROM raw_block_1 WHERE file = ? ORDER BY number";
inline constexpr const char* kMoveFirstUtilisation = R"sql(
INSERT INTO daily_utilisation (customer, resource, day, part, flush, hours, cpu_sum, cpu_max, memory_sum, memory_max,
                               network_sum, disk_sum)
SELECT customer, resource, day, ?2, part, hours, cpu_sum, cpu_max, memory_sum, memory_max, network_sum, disk_sum
FROM daily_utilisation_1 WHERE file = ?1)sql";
inline constexpr const char* kDropFirstFacts = R"sql(
DROP TABLE charge_1; DROP TABLE raw_block_1; DROP TABLE daily_utilisation_1; DROP TABLE file_1;)sql";

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

inline constexpr const char* kDecisionsVersion = "SELECT version FROM decision_version WHERE customer = ?";

inline constexpr const char* kCountDecision = R"sql(
INSERT INTO decision_version (customer, version) SELECT customer, 1 FROM recommendation WHERE id = ?
ON CONFLICT (customer) DO UPDATE SET version = version + 1)sql";

inline constexpr const char* kIdentity = "SELECT id FROM identity";

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

// Watched files. A row goes in the place of the one that was read, and of no newer one.
inline constexpr const char* kWatchedFiles = R"sql(
SELECT path, state, size, modified, changed, digest, job, error, due, since, revision
FROM watched_file WHERE customer = ? ORDER BY path LIMIT ?)sql";

inline constexpr const char* kSaveWatchedFile = R"sql(
INSERT INTO watched_file (customer, path, state, size, modified, changed, digest, job, error, due, since, revision)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (customer, path) DO UPDATE SET
  state = excluded.state, size = excluded.size, modified = excluded.modified, changed = excluded.changed,
  digest = excluded.digest, job = excluded.job, error = excluded.error, due = excluded.due, since = excluded.since,
  revision = excluded.revision
WHERE revision = excluded.revision - 1)sql";

inline constexpr const char* kForgetWatchedFile = "DELETE FROM watched_file WHERE customer = ? AND path = ?";

inline constexpr const char* kCountWatchedFiles = "SELECT state, count(*) FROM watched_file GROUP BY state";

// All that look something up: each must find its rows by an index, which a test holds them to.
inline constexpr auto kLookUps = std::to_array<const char*>({kIdOfText,
                                                             kTextOfId,
                                                             kTouchDelivery,
                                                             kStateOfDelivery,
                                                             kPublishDelivery,
                                                             kEndFile,
                                                             kHasBeginning,
                                                             kKnownFile,
                                                             kTakenByOthers,
                                                             kPublishFiles,
                                                             kSetExtent,
                                                             kOverlapping,
                                                             kFilesOfPart,
                                                             kReplacePart,
                                                             kReplaceFile,
                                                             kPublishParts,
                                                             kFactsVersion,
                                                             kHiddenParts,
                                                             kBillParts,
                                                             kExtent,
                                                             kReplacedPart,
                                                             kAbandonedDelivery,
                                                             kPartOfDelivery,
                                                             kClearCharges,
                                                             kClearRawBlocks,
                                                             kClearUtilisation,
                                                             kClearCommitments,
                                                             kSetFirstDay,
                                                             kPartIsCleared,
                                                             kRemovePart,
                                                             kRemovePartCosts,
                                                             kRemoveLinks,
                                                             kRemoveFiles,
                                                             kRemoveDelivery,
                                                             kSliceOfColumns,
                                                             kColumnsOfSlice,
                                                             kResourceNames,
                                                             kUtilisation,
                                                             kCommitments,
                                                             kRecommendationById,
                                                             kRecommendationsOfCustomer,
                                                             kSetStatus,
                                                             kDecisionsVersion,
                                                             kCountDecision,
                                                             kLeaseByName,
                                                             kSetLeaseEnd,
                                                             kTaskByName,
                                                             kWatchedFiles,
                                                             kForgetWatchedFile});

}  // namespace costagent
