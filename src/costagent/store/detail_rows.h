// Rows of what bills tell besides their costs: the hourly usage of what commitments cover, prices, and the inventory.
// Each is of one part, which may have several of a key: they are put together when they are read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/coverage.h"
#include "costagent/store/slice.h"

namespace costagent {

// What of a slice coverage is kept by, beside its status. Without the resource and its tags, as there would be a row
// for nearly every line of an hourly bill; and without the SKU, which in many bills tells as much apart.
inline constexpr SliceColumn kCoverageKey[] = {
    SliceColumn::provider,   SliceColumn::account,    SliceColumn::service,
    SliceColumn::region,     SliceColumn::usage_type, SliceColumn::pricing_category,
    SliceColumn::commitment, SliceColumn::unit,       SliceColumn::currency};
inline constexpr std::size_t kCoverageKeySize = std::size(kCoverageKey);

// Hours are kept within the row of their day, so that there is a 24th of the rows.
enum class CoverageGrain : std::uint8_t { month, day, day_with_hours };

struct CoverageRow {
  std::int64_t time = 0;  // a day's number since 1970, a month's that of its first day
  std::array<std::int64_t, kCoverageKeySize> key{};
  CoverageStatus status = CoverageStatus::none;
  std::int64_t part = 0;
  base::Decimal quantity;
  Costs costs;
  std::string hours{};  // of a day: `pack_hours`
};

struct CoverageHour {
  int hour = 0;  // of the day, 0 to 23
  base::Decimal quantity;
  Costs costs;
};

// As `first-last,quantity,billed,effective,list,contracted;…`: hours that follow each other and are the same stand
// once, and a cost that is the same as the billed one is empty. Hours must be ascending.
std::string pack_hours(std::span<const CoverageHour> hours);
// Fails with `corrupt`.
base::Result<std::vector<CoverageHour>> unpack_hours(std::string_view text);

// What of a slice a price is of, in the order in which prices are read.
inline constexpr SliceColumn kPriceKey[] = {
    SliceColumn::sku,    SliceColumn::usage_type,       SliceColumn::provider, SliceColumn::service,
    SliceColumn::region, SliceColumn::pricing_category, SliceColumn::currency};
inline constexpr std::size_t kPriceKeySize = std::size(kPriceKey);

struct PriceRow {
  std::array<std::int64_t, kPriceKeySize> key{};
  std::int64_t unit = 0;
  std::int64_t part = 0;
  std::optional<base::Decimal> list;
  std::optional<base::Decimal> contracted;
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
};

struct InventoryRow {
  std::int64_t resource = 0;
  std::int64_t part = 0;
  std::int64_t slice = 0;  // of its dearest charge of the last day: what else is known of it
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
};

}  // namespace costagent
