// Sums of charges by time and by some of what a charge is for, kept as bills are taken in: an analysis reads these, not
// the charges. There is one table for each grain and level.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "costagent/domain/costs.h"
#include "costagent/store/slice.h"

namespace costagent {

enum class Grain : std::uint8_t { month, day };
// From the coarsest to the finest: each tells all that the one before it tells.
enum class Level : std::uint8_t { service, account, slice };

struct Rollup {
  Grain grain = Grain::day;
  Level level = Level::slice;
  friend bool operator==(const Rollup&, const Rollup&) = default;
};

inline constexpr Rollup kRollups[] = {{Grain::month, Level::service}, {Grain::month, Level::account},
                                      {Grain::month, Level::slice},   {Grain::day, Level::service},
                                      {Grain::day, Level::account},   {Grain::day, Level::slice}};

inline constexpr std::size_t kMaxKey = 6;

inline constexpr SliceColumn kServiceKey[] = {SliceColumn::provider, SliceColumn::service, SliceColumn::category,
                                              SliceColumn::currency};
inline constexpr SliceColumn kAccountKey[] = {SliceColumn::provider, SliceColumn::service, SliceColumn::category,
                                              SliceColumn::currency, SliceColumn::account, SliceColumn::region};

// What of a slice a level is kept by, in the order of its key; nothing for the finest, kept by the slice's own number.
constexpr std::span<const SliceColumn> key_columns(Level level) {
  if (level == Level::service) return kServiceKey;
  if (level == Level::account) return kAccountKey;
  return {};
}
// Of coarser ones units differ within a row.
constexpr bool has_quantities(Level level) { return level == Level::slice; }

constexpr std::size_t key_size(Level level) { return level == Level::slice ? 1 : key_columns(level).size(); }

// A row. `time` is a day's number since 1970, a month's that of its first day.
struct RollupRow {
  std::int64_t time = 0;
  std::array<std::int64_t, kMaxKey> key{};  // the first `key_size` of them
  std::int64_t part = 0;                    // of a delivery, that the sum is of
  std::int64_t flush = 0;                   // a part that is too large for memory is summed in several goes
  Costs costs;
  // Of the finest level, what was used, in the slice's unit; none where it was taken in before quantities were kept.
  std::optional<base::Decimal> quantity{};
};

std::int64_t month_of(std::int64_t day);

}  // namespace costagent
