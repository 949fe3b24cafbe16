#include "costagent/store/sums.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <tuple>

namespace costagent {
namespace {

// A slice's local number, a part's and a day. Memory bounds the first two long before these do.
constexpr int kPartBits = 20;
constexpr int kDayBits = 18;  // until the year 2687

std::uint64_t key_of(std::uint32_t slice, std::uint32_t part, std::int64_t day) {
  assert(part < (1U << kPartBits) && day >= 0 && day < (1 << kDayBits));
  return (((std::uint64_t{slice} << kPartBits) | part) << kDayBits) | static_cast<std::uint64_t>(day);
}

struct KeyParts {
  std::uint32_t slice = 0;
  std::uint32_t part = 0;
  std::int64_t day = 0;
};

KeyParts parts_of(std::uint64_t key) {
  return {static_cast<std::uint32_t>(key >> (kPartBits + kDayBits)),
          static_cast<std::uint32_t>(key >> kDayBits) & ((1U << kPartBits) - 1),
          static_cast<std::int64_t>(key & ((std::uint64_t{1} << kDayBits) - 1))};
}

// Rows that are written with one call.
constexpr std::size_t kBatch = 1024;

}  // namespace

// A sum with the row's time, key and part in the order of the table, to sort by.
struct CostSums::Ordered {
  std::array<std::int64_t, kMaxKey + 2> order{};
  const Sum* sum = nullptr;
};

void CostSums::add(std::uint32_t slice, std::uint32_t part, std::int64_t day, const Costs& costs,
                   const base::Decimal& quantity) {
  const Key key = key_of(slice, part, day);
  if (slice >= last_.size()) last_.resize(slice + 1);
  Last& last = last_[slice];
  if (last.key != key) last = {key, &sums_[key]};
  last.sum->costs += costs;
  last.sum->quantity += quantity;
}

base::Result<> CostSums::flush(
    LoadSink& sink, const SliceMemo& slices, const std::vector<std::int64_t>& parts,
    const std::function<void(std::uint32_t part, std::int64_t currency, const Costs&)>& told) {
  std::vector<Ordered> ordered;
  ordered.reserve(sums_.size());
  for (const Rollup rollup : kRollups) {
    ordered.clear();
    for (const auto& [key, sum] : sums_) {
      const auto [slice, part, day] = parts_of(key);
      Ordered& row = ordered.emplace_back();
      row.sum = &sum;
      std::size_t next = 0;
      row.order[next++] = rollup.grain == Grain::month ? month_of(day) : day;
      if (rollup.level == Level::slice) row.order[next++] = slices.id(slice);
      for (const SliceColumn column : key_columns(rollup.level)) row.order[next++] = slices.columns(slice)[at(column)];
      row.order[next] = parts[part];
      if (rollup == kRollups[0]) told(part, slices.columns(slice)[at(SliceColumn::currency)], sum.costs);
    }
    std::sort(ordered.begin(), ordered.end(), [](const Ordered& a, const Ordered& b) { return a.order < b.order; });
    if (auto written = write(sink, rollup, ordered); !written) return written;
  }
  if (auto written = write_inventory(sink, slices, parts); !written) return written;
  sums_.clear();
  last_.clear();
  ++flushes_;
  return {};
}

// Neighbours of the same key are one row.
base::Result<> CostSums::write(LoadSink& sink, Rollup rollup, const std::vector<Ordered>& sums) const {
  const std::size_t keys = key_size(rollup.level);
  std::vector<RollupRow> rows;
  rows.reserve(kBatch);
  const Ordered* before = nullptr;
  for (const Ordered& sum : sums) {
    if (before == nullptr || before->order != sum.order) {
      if (rows.size() == kBatch) {
        if (auto added = sink.add(rollup, rows); !added) return added;
        rows.clear();
      }
      RollupRow& row = rows.emplace_back();
      row.time = sum.order[0];
      std::copy_n(sum.order.begin() + 1, keys, row.key.begin());
      row.part = sum.order[keys + 1];
      row.flush = flushes_;
      if (has_quantities(rollup.level)) row.quantity.emplace();
    }
    rows.back().costs += sum.sum->costs;
    if (rows.back().quantity) *rows.back().quantity += sum.sum->quantity;
    before = &sum;
  }
  return rows.empty() ? base::Result<>() : sink.add(rollup, rows);
}

// What is without a resource has the number of the empty text there, which is a row that nobody asks for.
base::Result<> CostSums::write_inventory(LoadSink& sink, const SliceMemo& slices,
                                         const std::vector<std::int64_t>& parts) const {
  struct Item {
    InventoryRow row;
    const base::Decimal* dearest = nullptr;  // of the last day
  };
  std::map<std::pair<std::int64_t, std::uint32_t>, Item> items;
  for (const auto& [key, sum] : sums_) {
    const Costs& costs = sum.costs;
    const auto [slice, part, day] = parts_of(key);
    const std::int64_t resource = slices.columns(slice)[at(SliceColumn::resource)];
    const auto [found, added] = items.try_emplace({resource, part});
    auto& [row, dearest] = found->second;
    if (added) row = {resource, parts[part], slices.id(slice), day, day};
    const bool later = added || day > row.last_day;
    const bool dearer = day == row.last_day && dearest != nullptr &&
                        (costs.effective > *dearest || (costs.effective == *dearest && slices.id(slice) < row.slice));
    if (later || dearer) {
      row.slice = slices.id(slice);
      dearest = &costs.effective;
    }
    row.first_day = std::min(row.first_day, day);
    row.last_day = std::max(row.last_day, day);
  }
  std::vector<InventoryRow> rows;
  for (const auto& [key, item] : items) {
    rows.push_back(item.row);
    if (rows.size() < kBatch) continue;
    if (auto added = sink.add(rows); !added) return added;
    rows.clear();
  }
  return rows.empty() ? base::Result<>() : sink.add(rows);
}

void UtilisationSums::add(std::int64_t resource, std::int64_t day, const UtilisationSample& sample) {
  assert(resource >= 0 && resource < (std::int64_t{1} << (63 - kDayBits)));
  UtilisationRow& sum = sums_[(static_cast<std::uint64_t>(resource) << kDayBits) | static_cast<std::uint64_t>(day)];
  sum.resource = resource;
  sum.day = day;
  ++sum.hours;
  sum.cpu_sum += sample.cpu_percent;
  sum.cpu_max = std::max(sum.cpu_max, sample.cpu_percent);
  sum.memory_sum += sample.memory_percent;
  sum.memory_max = std::max(sum.memory_max, sample.memory_percent);
  sum.network_sum += sample.network_bytes;
  sum.disk_sum += sample.disk_bytes;
}

base::Result<> UtilisationSums::flush(LoadSink& sink, std::int64_t part) {
  std::vector<UtilisationRow> rows;
  rows.reserve(sums_.size());
  for (auto& [key, sum] : sums_) {
    rows.push_back(sum);
    rows.back().part = part;
    rows.back().flush = flushes_;
  }
  std::sort(rows.begin(), rows.end(), [](const UtilisationRow& a, const UtilisationRow& b) {
    return std::tie(a.resource, a.day) < std::tie(b.resource, b.day);
  });
  sums_.clear();
  ++flushes_;
  return rows.empty() ? base::Result<>() : sink.add(rows);
}

}  // namespace costagent
