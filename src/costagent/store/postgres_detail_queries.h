// The statements on what bills tell besides their costs, of PostgreSQL, and their tables: a migration of
// postgres_schema.cc.
#pragma once

#include <array>

#include "io/postgresql.h"

namespace costagent::postgres {

// Parts that were taken in before have no rows here: there are no figures of coverage, no prices and no inventory of
// them, until their bills are delivered anew. `hours` is a packed day (detail_rows.h); status: 0 none, 1 used, 2
// unused. These tables have some hundredths of the charges' rows, so that they are not partitioned.
inline constexpr const char* kDetailTables = R"sql(
CREATE TABLE costagent.daily_coverage (
  customer bigint NOT NULL, provider bigint NOT NULL, account bigint NOT NULL, service bigint NOT NULL,
  region bigint NOT NULL, usage_type bigint NOT NULL, pricing_category bigint NOT NULL, commitment bigint NOT NULL,
  unit bigint NOT NULL, currency bigint NOT NULL, part bigint NOT NULL, time integer NOT NULL, status smallint NOT NULL,
  quantity numeric NOT NULL, billed numeric NOT NULL, effective numeric, list numeric, contracted numeric,
  hours bytea NOT NULL);
CREATE TABLE costagent.monthly_coverage (LIKE costagent.daily_coverage);
CREATE INDEX daily_coverage_time ON costagent.daily_coverage (customer, time);
CREATE INDEX daily_coverage_part ON costagent.daily_coverage (part);
CREATE INDEX monthly_coverage_time ON costagent.monthly_coverage (customer, time);
CREATE INDEX monthly_coverage_part ON costagent.monthly_coverage (part);

CREATE TABLE costagent.price (
  customer bigint NOT NULL, sku bigint NOT NULL, usage_type bigint NOT NULL, provider bigint NOT NULL,
  service bigint NOT NULL, region bigint NOT NULL, pricing_category bigint NOT NULL, currency bigint NOT NULL,
  unit bigint NOT NULL, part bigint NOT NULL, first_day integer NOT NULL, last_day integer NOT NULL, list numeric,
  contracted numeric);
CREATE INDEX price_key ON costagent.price (customer, sku, usage_type, provider, service, region, pricing_category,
                                           currency, unit);
CREATE INDEX price_part ON costagent.price (part);

CREATE TABLE costagent.inventory (
  customer bigint NOT NULL, resource bigint NOT NULL, part bigint NOT NULL, slice bigint NOT NULL,
  first_day integer NOT NULL, last_day integer NOT NULL);
CREATE INDEX inventory_resource ON costagent.inventory (customer, resource);
CREATE INDEX inventory_part ON costagent.inventory (part);
)sql";

// What cursors are over.
inline constexpr io::PostgresStatement kMonthlyCoverage{"monthly_coverage", R"sql(
SELECT time, provider, account, service, region, usage_type, pricing_category, commitment, unit, currency, status, part,
       quantity, hours, billed, effective, list, contracted
FROM costagent.monthly_coverage
WHERE customer = $1::bigint AND time >= $2::integer AND time < $3::integer ORDER BY time)sql"};
inline constexpr io::PostgresStatement kDailyCoverage{"daily_coverage", R"sql(
SELECT time, provider, account, service, region, usage_type, pricing_category, commitment, unit, currency, status, part,
       quantity, ''::bytea, billed, effective, list, contracted
FROM costagent.daily_coverage
WHERE customer = $1::bigint AND time >= $2::integer AND time < $3::integer ORDER BY time)sql"};
inline constexpr io::PostgresStatement kHourlyCoverage{"hourly_coverage", R"sql(
SELECT time, provider, account, service, region, usage_type, pricing_category, commitment, unit, currency, status, part,
       quantity, hours, billed, effective, list, contracted
FROM costagent.daily_coverage
WHERE customer = $1::bigint AND time >= $2::integer AND time < $3::integer ORDER BY time)sql"};
inline constexpr io::PostgresStatement kPrices{"prices", R"sql(
SELECT sku, usage_type, provider, service, region, pricing_category, currency, unit, part, first_day, last_day, list,
       contracted
FROM costagent.price WHERE customer = $1::bigint
ORDER BY sku, usage_type, provider, service, region, pricing_category, currency, unit)sql"};
inline constexpr io::PostgresStatement kPricesOfSku{"prices_of_sku", R"sql(
SELECT sku, usage_type, provider, service, region, pricing_category, currency, unit, part, first_day, last_day, list,
       contracted
FROM costagent.price WHERE customer = $1::bigint AND sku = $2::bigint
ORDER BY usage_type, provider, service, region, pricing_category, currency, unit)sql"};
inline constexpr io::PostgresStatement kInventory{"inventory", R"sql(
SELECT resource, part, slice, first_day, last_day FROM costagent.inventory
WHERE customer = $1::bigint AND resource > $2::bigint ORDER BY resource)sql"};
inline constexpr auto kDetailCursors = std::to_array<io::PostgresStatement>(
    {kMonthlyCoverage, kDailyCoverage, kHourlyCoverage, kPrices, kPricesOfSku, kInventory});

// Some rows ($2) of a part ($1) that doesn't count.
inline constexpr io::PostgresStatement kClearDailyCoverage{"clear_daily_coverage", R"sql(
DELETE FROM costagent.daily_coverage
WHERE ctid = ANY (ARRAY(SELECT ctid FROM costagent.daily_coverage WHERE part = $1::bigint LIMIT $2::bigint)))sql"};
inline constexpr io::PostgresStatement kClearMonthlyCoverage{"clear_monthly_coverage", R"sql(
DELETE FROM costagent.monthly_coverage
WHERE ctid = ANY (ARRAY(SELECT ctid FROM costagent.monthly_coverage WHERE part = $1::bigint LIMIT $2::bigint)))sql"};
inline constexpr io::PostgresStatement kClearPrices{"clear_prices", R"sql(
DELETE FROM costagent.price
WHERE ctid = ANY (ARRAY(SELECT ctid FROM costagent.price WHERE part = $1::bigint LIMIT $2::bigint)))sql"};
inline constexpr io::PostgresStatement kClearInventory{"clear_inventory", R"sql(
DELETE FROM costagent.inventory
WHERE ctid = ANY (ARRAY(SELECT ctid FROM costagent.inventory WHERE part = $1::bigint LIMIT $2::bigint)))sql"};
inline constexpr auto kClearDetails =
    std::to_array<io::PostgresStatement>({kClearDailyCoverage, kClearMonthlyCoverage, kClearPrices, kClearInventory});

}  // namespace costagent::postgres
