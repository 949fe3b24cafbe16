#include "costagent/store/schema.h"

#include <array>

#include "costagent/store/first_facts.h"

namespace costagent {
namespace {

using base::ErrorKind;

// PRAGMA application_id of our databases: "cost" in ASCII.
constexpr std::int64_t kApplicationId = 0x636f7374;

// Amounts are exact decimals as text. Text that repeats (services, regions, resources …) stands once in `dictionary`,
// and by its number elsewhere. Days count from 1970-01-01.
//
// Rollups have a row for each file that brought a charge of the key, summed when read: decimals can't be added in SQL,
// and a file's rows can be taken out again as they were put in. `part` tells apart what one file flushed at different
// times.
constexpr const char* kFirst = R"sql(
CREATE TABLE dictionary (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

CREATE TABLE file (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL, header TEXT NOT NULL,
  rows INTEGER NOT NULL, rejected INTEGER NOT NULL, billed TEXT NOT NULL, effective TEXT NOT NULL,
  UNIQUE (customer, digest));
CREATE INDEX file_customer ON file (customer);

CREATE TABLE charge (
  id INTEGER PRIMARY KEY, file INTEGER NOT NULL, period_start INTEGER NOT NULL, period_end INTEGER NOT NULL,
  billing_period_start INTEGER NOT NULL, provider INTEGER NOT NULL, billing_account INTEGER NOT NULL,
  account INTEGER NOT NULL, category INTEGER NOT NULL, class INTEGER NOT NULL, service INTEGER NOT NULL,
  region INTEGER NOT NULL, resource INTEGER NOT NULL, sku INTEGER NOT NULL, pricing_category INTEGER NOT NULL,
  commitment INTEGER NOT NULL, commitment_status INTEGER NOT NULL, unit INTEGER NOT NULL, tags INTEGER NOT NULL,
  currency INTEGER NOT NULL, quantity TEXT NOT NULL, billed TEXT NOT NULL, effective TEXT NOT NULL, list TEXT NOT NULL,
  contracted TEXT NOT NULL);

CREATE TABLE raw_block (
  file INTEGER NOT NULL, number INTEGER NOT NULL, lines INTEGER NOT NULL, size INTEGER NOT NULL, deflated BLOB NOT NULL,
  PRIMARY KEY (file, number));

CREATE TABLE daily_service (
  customer INTEGER NOT NULL, day INTEGER NOT NULL, provider INTEGER NOT NULL, account INTEGER NOT NULL,
  service INTEGER NOT NULL, region INTEGER NOT NULL, category INTEGER NOT NULL, currency INTEGER NOT NULL,
  file INTEGER NOT NULL, part INTEGER NOT NULL, billed TEXT NOT NULL, effective TEXT NOT NULL,
  PRIMARY KEY (customer, day, provider, account, service, region, category, currency, file, part)) WITHOUT ROWID;

CREATE TABLE daily_resource (
  customer INTEGER NOT NULL, day INTEGER NOT NULL, provider INTEGER NOT NULL, account INTEGER NOT NULL,
  service INTEGER NOT NULL, region INTEGER NOT NULL, category INTEGER NOT NULL, currency INTEGER NOT NULL,
  resource INTEGER NOT NULL, file INTEGER NOT NULL, part INTEGER NOT NULL, billed TEXT NOT NULL, effective TEXT NOT NULL,
  PRIMARY KEY (customer, day, provider, account, service, region, category, currency, resource, file, part)) WITHOUT ROWID;

CREATE TABLE resource (
  customer INTEGER NOT NULL, id INTEGER NOT NULL, name INTEGER NOT NULL, type INTEGER NOT NULL,
  PRIMARY KEY (customer, id)) WITHOUT ROWID;

CREATE TABLE daily_utilisation (
  customer INTEGER NOT NULL, resource INTEGER NOT NULL, day INTEGER NOT NULL, file INTEGER NOT NULL, part INTEGER NOT NULL,
  hours INTEGER NOT NULL, cpu_sum REAL NOT NULL, cpu_max REAL NOT NULL, memory_sum REAL NOT NULL, memory_max REAL NOT NULL,
  network_sum REAL NOT NULL, disk_sum REAL NOT NULL,
  PRIMARY KEY (customer, resource, day, file, part)) WITHOUT ROWID;

CREATE TABLE recommendation (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL, risk TEXT NOT NULL,
  confidence REAL NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, service TEXT NOT NULL, region TEXT NOT NULL,
  resource_id TEXT NOT NULL, title TEXT NOT NULL, evidence TEXT NOT NULL, currency TEXT NOT NULL,
  monthly_cost TEXT NOT NULL, monthly_savings TEXT NOT NULL, created INTEGER NOT NULL);
CREATE INDEX recommendation_customer ON recommendation (customer, id);

CREATE TABLE job (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, customer TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL,
  error TEXT NOT NULL, created INTEGER NOT NULL, finished INTEGER NOT NULL);
CREATE INDEX job_state ON job (state);
)sql";

// Times are milliseconds since 1970, as leases are counted in seconds and lost by the moment.
constexpr const char* kLeases = R"sql(
CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL, token INTEGER NOT NULL);

CREATE TABLE task (
  name TEXT PRIMARY KEY, due INTEGER NOT NULL, started INTEGER NOT NULL, finished INTEGER NOT NULL,
  holder TEXT NOT NULL, error TEXT NOT NULL, runs INTEGER NOT NULL, failures INTEGER NOT NULL);
)sql";

// Bills by deliveries, parts and slices, with all four costs; before, a file's charges had the texts of their slices in
// every row, and rollups the file. What was taken in then is brought along by `move_first_facts`.
constexpr const char* kFacts = R"sql(
ALTER TABLE file RENAME TO file_1;
ALTER TABLE charge RENAME TO charge_1;
ALTER TABLE raw_block RENAME TO raw_block_1;
ALTER TABLE daily_utilisation RENAME TO daily_utilisation_1;
DROP INDEX file_customer;
DROP TABLE daily_service;
DROP TABLE daily_resource;

CREATE TABLE delivery (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, state INTEGER NOT NULL, touched INTEGER NOT NULL);
CREATE INDEX delivery_state ON delivery (state, touched) WHERE state = 0;

CREATE TABLE file (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, delivery INTEGER NOT NULL, state INTEGER NOT NULL,
  name TEXT NOT NULL, format TEXT NOT NULL, header TEXT NOT NULL, beginning TEXT NOT NULL, digest TEXT NOT NULL,
  rows INTEGER NOT NULL, rejected INTEGER NOT NULL, billed TEXT NOT NULL, effective TEXT NOT NULL);
CREATE UNIQUE INDEX file_digest ON file (customer, digest) WHERE state = 1;
CREATE INDEX file_beginning ON file (customer, beginning);
CREATE INDEX file_delivery ON file (delivery);

-- States: 0 is being loaded, 1 counts, 2 was replaced, 3 was replaced and its rows are gone.
CREATE TABLE part (
  id INTEGER PRIMARY KEY, delivery INTEGER NOT NULL, customer INTEGER NOT NULL, kind INTEGER NOT NULL,
  provider INTEGER NOT NULL, billing_account INTEGER NOT NULL, billing_period INTEGER NOT NULL,
  state INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, rows INTEGER NOT NULL,
  replaced_by INTEGER);
CREATE INDEX part_partition ON part (customer, kind, provider, billing_account, billing_period, state);
CREATE INDEX part_delivery ON part (delivery);
CREATE INDEX part_hidden ON part (customer) WHERE state IN (0, 2);
CREATE INDEX part_replaced ON part (state) WHERE state = 2;
CREATE INDEX part_extent ON part (customer, state, kind, first_day, last_day);
CREATE TABLE part_cost (
  part INTEGER NOT NULL, currency INTEGER NOT NULL, billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT,
  PRIMARY KEY (part, currency)) WITHOUT ROWID;
CREATE TABLE file_part (
  part INTEGER NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (part, file)) WITHOUT ROWID;
CREATE TABLE facts_version (customer INTEGER PRIMARY KEY, version INTEGER NOT NULL);

CREATE TABLE slice (
  id INTEGER PRIMARY KEY, provider INTEGER NOT NULL, billing_account INTEGER NOT NULL, account INTEGER NOT NULL,
  category INTEGER NOT NULL, class INTEGER NOT NULL, service INTEGER NOT NULL, region INTEGER NOT NULL,
  resource INTEGER NOT NULL, sku INTEGER NOT NULL, usage_type INTEGER NOT NULL, pricing_category INTEGER NOT NULL,
  commitment INTEGER NOT NULL, commitment_status INTEGER NOT NULL, unit INTEGER NOT NULL, tags INTEGER NOT NULL,
  currency INTEGER NOT NULL,
  UNIQUE (resource, usage_type, sku, tags, account, service, region, provider, billing_account, category, class,
          pricing_category, commitment, commitment_status, unit, currency));

-- The id is the part's times 2^32 plus the line's number within it: a part lies together, and goes together. A cost that
-- is the same as the billed one is NULL.
CREATE TABLE charge (
  id INTEGER PRIMARY KEY, slice INTEGER NOT NULL, start INTEGER NOT NULL, seconds INTEGER NOT NULL,
  quantity TEXT NOT NULL, billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT);
CREATE TABLE raw_block (
  part INTEGER NOT NULL, number INTEGER NOT NULL, file INTEGER NOT NULL, lines INTEGER NOT NULL,
  size INTEGER NOT NULL, packed BLOB NOT NULL, PRIMARY KEY (part, number));

CREATE TABLE monthly_service (
  customer INTEGER NOT NULL, time INTEGER NOT NULL, provider INTEGER NOT NULL, service INTEGER NOT NULL,
  category INTEGER NOT NULL, currency INTEGER NOT NULL, part INTEGER NOT NULL, flush INTEGER NOT NULL,
  billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT,
  PRIMARY KEY (customer, time, provider, service, category, currency, part, flush)) WITHOUT ROWID;
CREATE TABLE monthly_account (
  customer INTEGER NOT NULL, time INTEGER NOT NULL, provider INTEGER NOT NULL, service INTEGER NOT NULL,
  category INTEGER NOT NULL, currency INTEGER NOT NULL, account INTEGER NOT NULL, region INTEGER NOT NULL,
  part INTEGER NOT NULL, flush INTEGER NOT NULL,
  billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT,
  PRIMARY KEY (customer, time, provider, service, category, currency, account, region, part, flush)) WITHOUT ROWID;
CREATE TABLE monthly_slice (
  customer INTEGER NOT NULL, time INTEGER NOT NULL, slice INTEGER NOT NULL, part INTEGER NOT NULL,
  flush INTEGER NOT NULL, billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT,
  PRIMARY KEY (customer, time, slice, part, flush)) WITHOUT ROWID;
CREATE TABLE daily_service (
  customer INTEGER NOT NULL, time INTEGER NOT NULL, provider INTEGER NOT NULL, service INTEGER NOT NULL,
  category INTEGER NOT NULL, currency INTEGER NOT NULL, part INTEGER NOT NULL, flush INTEGER NOT NULL,
  billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT,
  PRIMARY KEY (customer, time, provider, service, category, currency, part, flush)) WITHOUT ROWID;
CREATE TABLE daily_account (
  customer INTEGER NOT NULL, time INTEGER NOT NULL, provider INTEGER NOT NULL, service INTEGER NOT NULL,
  category INTEGER NOT NULL, currency INTEGER NOT NULL, account INTEGER NOT NULL, region INTEGER NOT NULL,
  part INTEGER NOT NULL, flush INTEGER NOT NULL,
  billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT,
  PRIMARY KEY (customer, time, provider, service, category, currency, account, region, part, flush)) WITHOUT ROWID;
CREATE TABLE daily_slice (
  customer INTEGER NOT NULL, time INTEGER NOT NULL, slice INTEGER NOT NULL, part INTEGER NOT NULL,
  flush INTEGER NOT NULL, billed TEXT NOT NULL, effective TEXT, list TEXT, contracted TEXT,
  PRIMARY KEY (customer, time, slice, part, flush)) WITHOUT ROWID;

CREATE TABLE daily_utilisation (
  customer INTEGER NOT NULL, resource INTEGER NOT NULL, day INTEGER NOT NULL, part INTEGER NOT NULL,
  flush INTEGER NOT NULL, hours INTEGER NOT NULL, cpu_sum REAL NOT NULL, cpu_max REAL NOT NULL,
  memory_sum REAL NOT NULL, memory_max REAL NOT NULL, network_sum REAL NOT NULL, disk_sum REAL NOT NULL,
  PRIMARY KEY (customer, resource, day, part, flush)) WITHOUT ROWID;
CREATE TABLE commitment (
  part INTEGER NOT NULL, number INTEGER NOT NULL, provider TEXT NOT NULL, contract TEXT NOT NULL, id TEXT NOT NULL,
  category TEXT NOT NULL, type TEXT NOT NULL, description TEXT NOT NULL, unit TEXT NOT NULL, quantity TEXT NOT NULL,
  currency TEXT NOT NULL, cost TEXT NOT NULL, contract_start INTEGER NOT NULL, contract_end INTEGER NOT NULL,
  start INTEGER NOT NULL, finish INTEGER NOT NULL, PRIMARY KEY (part, number)) WITHOUT ROWID;
)sql";

// Who the database is, and how often something was decided on a customer's recommendations: parts of what answers are
// kept under, in places that outlive it.
constexpr const char* kVersions = R"sql(
CREATE TABLE identity (id TEXT NOT NULL);
INSERT INTO identity (id) VALUES (lower(hex(randomblob(16))));
CREATE TABLE decision_version (customer TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// Jobs become a queue that processes share. `number` is their age; times are microseconds since 1970; `due` is when
// something is to be done about a job next (domain/job.h). What an earlier version had not finished had no payload, and
// can't be run by this one: it is failed, as that version would have done at its next start.
constexpr const char* kJobQueue = R"sql(
DROP INDEX job_state;
ALTER TABLE job RENAME TO job_before;
CREATE TABLE job (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, customer TEXT NOT NULL, payload TEXT NOT NULL,
  key TEXT NOT NULL, priority INTEGER NOT NULL, state TEXT NOT NULL, cancelling INTEGER NOT NULL,
  attempts INTEGER NOT NULL, max_attempts INTEGER NOT NULL, claims INTEGER NOT NULL, worker TEXT NOT NULL,
  due INTEGER NOT NULL, progress REAL NOT NULL, note TEXT NOT NULL, result TEXT NOT NULL, error TEXT NOT NULL,
  created INTEGER NOT NULL, started INTEGER NOT NULL, finished INTEGER NOT NULL);
INSERT INTO job (id, kind, customer, payload, key, priority, state, cancelling, attempts, max_attempts, claims, worker,
                 due, progress, note, result, error, created, started, finished)
SELECT id, kind, customer, '{}', '', 0, CASE state WHEN 'done' THEN 'done' ELSE 'failed' END, 0, 1, 1, 1, '',
       (max(created, finished) + 30 * 86400) * 1000000, state = 'done', '', result,
       CASE WHEN state IN ('queued', 'running') THEN 'the agent ended before the job did: submit it again' ELSE error END,
       created * 1000000, created * 1000000, max(created, finished) * 1000000
FROM job_before ORDER BY created, rowid;
DROP TABLE job_before;
CREATE INDEX job_due ON job (state, due);
CREATE INDEX job_order ON job (state, number);
CREATE INDEX job_customer ON job (state, customer, number);
CREATE INDEX job_served ON job (customer, started);
CREATE INDEX job_ready ON job (priority, customer, number, due, kind) WHERE state = 'queued';
CREATE UNIQUE INDEX job_key ON job (customer, key)
WHERE key <> '' AND state IN ('queued', 'running') AND cancelling = 0;
)sql";

// What bills tell besides their costs. Parts that were taken in before have no rows here: there are no figures of
// coverage, no prices and no inventory of them, until their bills are delivered anew. `hours` is a packed day
// (detail_rows.h); status: 0 none, 1 used, 2 unused.
constexpr const char* kDetails = R"sql(
CREATE TABLE daily_coverage (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, time INTEGER NOT NULL, provider INTEGER NOT NULL,
  account INTEGER NOT NULL, service INTEGER NOT NULL, region INTEGER NOT NULL, usage_type INTEGER NOT NULL,
  pricing_category INTEGER NOT NULL, commitment INTEGER NOT NULL, unit INTEGER NOT NULL, currency INTEGER NOT NULL,
  status INTEGER NOT NULL, part INTEGER NOT NULL, quantity TEXT NOT NULL, billed TEXT NOT NULL, effective TEXT,
  list TEXT, contracted TEXT, hours TEXT NOT NULL);
CREATE TABLE monthly_coverage (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, time INTEGER NOT NULL, provider INTEGER NOT NULL,
  account INTEGER NOT NULL, service INTEGER NOT NULL, region INTEGER NOT NULL, usage_type INTEGER NOT NULL,
  pricing_category INTEGER NOT NULL, commitment INTEGER NOT NULL, unit INTEGER NOT NULL, currency INTEGER NOT NULL,
  status INTEGER NOT NULL, part INTEGER NOT NULL, quantity TEXT NOT NULL, billed TEXT NOT NULL, effective TEXT,
  list TEXT, contracted TEXT, hours TEXT NOT NULL);
CREATE INDEX daily_coverage_time ON daily_coverage (customer, time);
CREATE INDEX daily_coverage_part ON daily_coverage (part);
CREATE INDEX monthly_coverage_time ON monthly_coverage (customer, time);
CREATE INDEX monthly_coverage_part ON monthly_coverage (part);

CREATE TABLE price (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, sku INTEGER NOT NULL, usage_type INTEGER NOT NULL,
  provider INTEGER NOT NULL, service INTEGER NOT NULL, region INTEGER NOT NULL, pricing_category INTEGER NOT NULL,
  currency INTEGER NOT NULL, unit INTEGER NOT NULL, part INTEGER NOT NULL, list TEXT, contracted TEXT,
  first_day INTEGER NOT NULL, last_day INTEGER NOT NULL);
CREATE INDEX price_key
ON price (customer, sku, usage_type, provider, service, region, pricing_category, currency, unit);
CREATE INDEX price_part ON price (part);

CREATE TABLE inventory (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, resource INTEGER NOT NULL, part INTEGER NOT NULL,
  slice INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL);
CREATE INDEX inventory_resource ON inventory (customer, resource);
CREATE INDEX inventory_part ON inventory (part);
)sql";

// What is remembered of watched files (domain/watch_store.h). Their times are nanoseconds since 1970, `due` and `since`
// milliseconds. The index holds the states alone: they are counted for whoever asks how the agent is.
constexpr const char* kWatched = R"sql(
CREATE TABLE watched_file (
  customer TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
  changed INTEGER NOT NULL, digest TEXT NOT NULL, job TEXT NOT NULL, error TEXT NOT NULL, due INTEGER NOT NULL,
  since INTEGER NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (customer, path));
CREATE INDEX watched_file_state ON watched_file (state);
)sql";

// What people say about costs, and what they were told (domain/feedback.h). Slices are names and values of dimensions
// and tags; days count from 1970-01-01, times are seconds since 1970.
constexpr const char* kFeedback = R"sql(
CREATE TABLE feedback (
  id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, slice TEXT NOT NULL, first_day INTEGER NOT NULL,
  end_day INTEGER NOT NULL, note TEXT NOT NULL, anomaly TEXT NOT NULL, daily_impact REAL NOT NULL,
  change_percent REAL NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX feedback_customer ON feedback (customer, created, id);
CREATE TABLE told_incident (
  customer TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, slice TEXT NOT NULL, currency TEXT NOT NULL,
  first_day INTEGER NOT NULL, end_day INTEGER NOT NULL, expected REAL NOT NULL, actual REAL NOT NULL,
  deviations REAL NOT NULL, score REAL NOT NULL, version INTEGER NOT NULL, told INTEGER NOT NULL,
  PRIMARY KEY (customer, id)) WITHOUT ROWID;
CREATE INDEX told_incident_day ON told_incident (customer, first_day, id);
)sql";

// How much was used, in the slice's unit; NULL in rows that were written before.
constexpr const char* kQuantities = R"sql(
ALTER TABLE monthly_slice ADD COLUMN quantity TEXT;
ALTER TABLE daily_slice ADD COLUMN quantity TEXT;
)sql";

// Migration i leads from version i to version i + 1. They are never changed once released, only added to.
constexpr auto kMigrations = std::to_array<const char*>(
    {kFirst, kLeases, kFacts, kVersions, kJobQueue, kDetails, kWatched, kFeedback, kQuantities});

base::Result<std::int64_t> version_of(io::Sqlite& connection, const std::string& path) {
  const auto application = connection.integer("PRAGMA application_id");
  if (!application) return base::pass_on(application);
  const auto version = connection.integer("PRAGMA user_version");
  if (!version) return base::pass_on(version);
  const auto objects = connection.integer("SELECT count(*) FROM sqlite_master");
  if (!objects) return base::pass_on(objects);
  if (*application == 0 && *version == 0 && *objects == 0) return 0;
  if (*application != kApplicationId) {
    return base::fail(ErrorKind::corrupt, "{} is the database of another program; it was left as it is", path);
  }
  if (*version > newest_schema_version()) {
    return base::fail(ErrorKind::corrupt,
                      "{} was written by a newer costagent (its schema is {}, this one knows {}); it was left as it is",
                      path, *version, newest_schema_version());
  }
  return *version;
}

}  // namespace

int newest_schema_version() { return static_cast<int>(kMigrations.size()); }

base::Result<> migrate(io::Sqlite& connection, const std::string& path, int up_to) {
  auto version = version_of(connection, path);
  if (!version) return base::pass_on(version);
  if (*version >= up_to) return {};
  auto transaction = io::Transaction::begin(connection);
  if (!transaction) return base::pass_on(transaction);
  // Another process may have migrated it while this one waited for the lock.
  version = version_of(connection, path);
  if (!version) return base::pass_on(version);
  bool has_first_facts = false;
  for (auto next = static_cast<std::size_t>(*version); next < static_cast<std::size_t>(up_to); ++next) {
    if (auto done = connection.execute(kMigrations[next]); !done) return done;
    has_first_facts = has_first_facts || kMigrations[next] == kFacts;
  }
  // They are taken in like others, for which all tables must be there.
  if (has_first_facts) {
    if (auto moved = move_first_facts(connection); !moved) return moved;
  }
  const std::string stamp = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, up_to);
  if (auto stamped = connection.execute(stamp.c_str()); !stamped) return stamped;
  return transaction->commit();
}

}  // namespace costagent
