// The statements on what bills tell besides their costs, of SQLite; the tables are in schema.cc.
#pragma once

#include <array>
#include <string>

#include "costagent/store/detail_rows.h"

namespace costagent {

inline constexpr const char* kAddDailyCoverage = R"sql(
INSERT INTO daily_coverage (customer, time, provider, account, service, region, usage_type, pricing_category, commitment,
                            unit, currency, status, part, quantity, hours, billed, effective, list, contracted)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";
inline constexpr const char* kAddMonthlyCoverage = R"sql(
INSERT INTO monthly_coverage (customer, time, provider, account, service, region, usage_type, pricing_category,
                              commitment, unit, currency, status, part, quantity, hours, billed, effective, list,
                              contracted)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";
inline constexpr const char* kMonthlyCoverage = R"sql(
SELECT time, provider, account, service, region, usage_type, pricing_category, commitment, unit, currency, status, part,
       quantity, '', billed, effective, list, contracted
FROM monthly_coverage WHERE customer = ?1 AND time >= ?2 AND time < ?3 ORDER BY time)sql";
inline constexpr const char* kDailyCoverage = R"sql(
SELECT time, provider, account, service, region, usage_type, pricing_category, commitment, unit, currency, status, part,
       quantity, '', billed, effective, list, contracted
FROM daily_coverage WHERE customer = ?1 AND time >= ?2 AND time < ?3 ORDER BY time)sql";
inline constexpr const char* kHourlyCoverage = R"sql(
SELECT time, provider, account, service, region, usage_type, pricing_category, commitment, unit, currency, status, part,
       quantity, hours, billed, effective, list, contracted
FROM daily_coverage WHERE customer = ?1 AND time >= ?2 AND time < ?3 ORDER BY time)sql";

inline constexpr const char* kAddPrice = R"sql(
INSERT INTO price (customer, sku, usage_type, provider, service, region, pricing_category, currency, unit, part,
                   first_day, last_day, list, contracted)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";
inline constexpr const char* kPrices = R"sql(
SELECT sku, usage_type, provider, service, region, pricing_category, currency, unit, part, first_day, last_day, list,
       contracted
FROM price WHERE customer = ?1
ORDER BY sku, usage_type, provider, service, region, pricing_category, currency, unit)sql";
inline constexpr const char* kPricesOfSku = R"sql(
SELECT sku, usage_type, provider, service, region, pricing_category, currency, unit, part, first_day, last_day, list,
       contracted
FROM price WHERE customer = ?1 AND sku = ?2
ORDER BY usage_type, provider, service, region, pricing_category, currency, unit)sql";

inline constexpr const char* kAddToInventory = R"sql(
INSERT INTO inventory (customer, resource, part, slice, first_day, last_day) VALUES (?, ?, ?, ?, ?, ?))sql";
inline constexpr const char* kInventory = R"sql(
SELECT resource, part, slice, first_day, last_day FROM inventory
WHERE customer = ?1 AND resource > ?2 ORDER BY resource)sql";

// Some rows of a part that doesn't count.
inline constexpr const char* kClearDailyCoverage = R"sql(
DELETE FROM daily_coverage WHERE id IN (SELECT id FROM daily_coverage WHERE part = ?1 LIMIT ?2))sql";
inline constexpr const char* kClearMonthlyCoverage = R"sql(
DELETE FROM monthly_coverage WHERE id IN (SELECT id FROM monthly_coverage WHERE part = ?1 LIMIT ?2))sql";
inline constexpr const char* kClearPrices = R"sql(
DELETE FROM price WHERE id IN (SELECT id FROM price WHERE part = ?1 LIMIT ?2))sql";
inline constexpr const char* kClearInventory = R"sql(
DELETE FROM inventory WHERE id IN (SELECT id FROM inventory WHERE part = ?1 LIMIT ?2))sql";
inline constexpr auto kClearDetails =
    std::to_array<const char*>({kClearDailyCoverage, kClearMonthlyCoverage, kClearPrices, kClearInventory});

constexpr const char* coverage_sql(CoverageGrain grain) {
  switch (grain) {
    case CoverageGrain::month:
      return kMonthlyCoverage;
    case CoverageGrain::day:
      return kDailyCoverage;
    case CoverageGrain::day_with_hours:
      return kHourlyCoverage;
  }
  return kDailyCoverage;
}

// All that look something up: each must find its rows by an index, in the order asked for, which a test holds them to.
inline constexpr auto kDetailLookUps =
    std::to_array<const char*>({kMonthlyCoverage, kDailyCoverage, kHourlyCoverage, kPrices, kPricesOfSku, kInventory,
                                kClearDailyCoverage, kClearMonthlyCoverage, kClearPrices, kClearInventory});

}  // namespace costagent
