#include "costagent/store/schema.h"

#include <array>

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

// Migration i leads from version i to version i + 1. They are never changed once released, only added to.
constexpr auto kMigrations = std::to_array<const char*>({kFirst, kLeases});

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

base::Result<> migrate(io::Sqlite& connection, const std::string& path) {
  auto version = version_of(connection, path);
  if (!version) return base::pass_on(version);
  if (*version == newest_schema_version()) return {};
  auto transaction = io::Transaction::begin(connection);
  if (!transaction) return base::pass_on(transaction);
  // Another process may have migrated it while this one waited for the lock.
  version = version_of(connection, path);
  if (!version) return base::pass_on(version);
  for (auto next = static_cast<std::size_t>(*version); next < kMigrations.size(); ++next) {
    if (auto done = connection.execute(kMigrations[next]); !done) return done;
  }
  const std::string stamp =
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, newest_schema_version());
  if (auto stamped = connection.execute(stamp.c_str()); !stamped) return stamped;
  return transaction->commit();
}

}  // namespace costagent
