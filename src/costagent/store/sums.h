// Sums of what a delivery brings, by slice and day, kept in memory until they are written as rollups of every grain and
// level, and as the inventory.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "costagent/store/load_sink.h"
#include "costagent/store/slice_memo.h"

namespace costagent {

// Bounded: once it is `full`, `flush` writes what is there and it begins anew. Not thread-safe.
class CostSums {
 public:
  // `slice` and `part` are local numbers, of the memo and of the delivery; `quantity` is in the slice's unit.
  void add(std::uint32_t slice, std::uint32_t part, std::int64_t day, const Costs& costs,
           const base::Decimal& quantity);

  bool full() const { return sums_.size() >= kMaxKept; }
  bool empty() const { return sums_.empty(); }

  // Writes all, in the order of the tables' keys, within a chunk. The slices must be resolved; `parts` are the parts'
  // numbers in the database. Tells how much of which part and currency it was.
  base::Result<> flush(LoadSink& sink, const SliceMemo& slices, const std::vector<std::int64_t>& parts,
                       const std::function<void(std::uint32_t part, std::int64_t currency, const Costs&)>& told);

 private:
  // 45 MB.
  static constexpr std::size_t kMaxKept = 250'000;

  // Slice, part and day in one number, as a map of 64 bits is the quickest.
  using Key = std::uint64_t;
  struct Sum {
    Costs costs;
    base::Decimal quantity;
  };
  // The day that a slice was last added to: bills go by the hour, and the next charge is mostly of the same day.
  struct Last {
    Key key = ~Key{0};
    Sum* sum = nullptr;
  };
  struct Ordered;

  base::Result<> write(LoadSink& sink, Rollup rollup, const std::vector<Ordered>& sums) const;
  base::Result<> write_inventory(LoadSink& sink, const SliceMemo& slices, const std::vector<std::int64_t>& parts) const;

  std::unordered_map<Key, Sum> sums_;
  std::vector<Last> last_;  // by slice
  std::int64_t flushes_ = 0;
};

// The same for utilisation, by resource and day.
class UtilisationSums {
 public:
  void add(std::int64_t resource, std::int64_t day, const UtilisationSample& sample);
  bool full() const { return sums_.size() >= kMaxKept; }
  bool empty() const { return sums_.empty(); }
  base::Result<> flush(LoadSink& sink, std::int64_t part);

 private:
  static constexpr std::size_t kMaxKept = 100'000;  // 15 MB

  std::unordered_map<std::uint64_t, UtilisationRow> sums_;
  std::int64_t flushes_ = 0;
};

}  // namespace costagent
