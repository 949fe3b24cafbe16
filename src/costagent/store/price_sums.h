// The prices that a delivery has met, with the days they were seen, kept in memory until they are written.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/domain/price.h"
#include "costagent/store/load_sink.h"
#include "costagent/store/slice_memo.h"

namespace costagent {

// Bounded: once it is `full`, `flush` writes what is there and it begins anew. Of one delivery the first rows are kept,
// as many as FactWriter::kMostPrices. Not thread-safe.
class PriceSums {
 public:
  // `slice` and `part` are local numbers, of the memo and of the delivery.
  void add(std::uint32_t slice, std::uint32_t part, std::int64_t day, const Charge& charge);

  bool full() const { return seen_.size() >= kMaxKept; }
  // Whether there were more than are kept.
  bool cut() const { return cut_; }
  bool empty() const { return seen_.empty(); }

  // Writes all, within a chunk. The slices must be resolved; `parts` are the parts' numbers in the database.
  base::Result<> flush(LoadSink& sink, const SliceMemo& slices, const std::vector<std::int64_t>& parts);

 private:
  static constexpr std::size_t kMaxKept = 25'000;  // 10 MB

  struct Seen {
    std::uint32_t slice = 0;  // one of those that it was seen of
    std::uint32_t part = 0;
    std::string unit;
    std::optional<base::Decimal> list;
    std::optional<base::Decimal> contracted;
    std::int64_t first_day = 0;
    std::int64_t last_day = 0;
  };

  std::uint32_t find_or_add(std::uint32_t slice, std::uint32_t part, std::int64_t day, const Charge& charge,
                            const UnitPrices& prices);

  std::vector<Seen> seen_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // by all that makes a price another one
  std::string text_;
  std::vector<std::uint32_t> last_;  // by slice, from 1: what its charge before had
  std::size_t written_ = 0;
  bool cut_ = false;
};

}  // namespace costagent
