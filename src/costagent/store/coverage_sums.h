// Sums of what commitments cover or could, by hour, kept in memory until they are written by day and by month.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "costagent/store/load_sink.h"
#include "costagent/store/slice_memo.h"

namespace costagent {

// Bounded: once it is `full`, `flush` writes what is there and it begins anew. Not thread-safe.
//
// A charge of an hour or less counts in the hour in which it begins. A longer one is spread over its hours by the
// minutes that it lasts in each; shares are rounded to 18 decimal places, and what rounding leaves goes to the last
// hour, so that the sum is the charge's own. One that is longer than 744 hours, the longest month, counts in its first.
class CoverageSums {
 public:
  // `slice` and `part` are local numbers, of the memo and of the delivery. What a slice's first charge is by
  // `coverage_of`, all of it are.
  void add(std::uint32_t slice, std::uint32_t part, const Charge& charge);

  // Whether charges of a slice that was added tell how much was used: fees, what went unused of a commitment, and lines
  // that take back the price of covered usage do not.
  bool is_of_use(std::uint32_t slice) const { return slices_[slice].of_use; }

  bool full() const { return hours_ >= kMaxHours; }
  bool empty() const { return hours_ == 0; }

  // Writes all, by time, within a chunk. The slices must be resolved; `parts` are the parts' numbers in the database.
  base::Result<> flush(LoadSink& sink, const SliceMemo& slices, const std::vector<std::int64_t>& parts);

  // Lets go of the slices' numbers. It must be empty.
  void forget_slices();

 private:
  // 25 MB; a bill that is in the order of its hours fills it a few times a month.
  static constexpr std::size_t kMaxHours = 100'000;

  // The hours of one group and part in one day.
  using Key = std::uint64_t;
  struct Day {
    std::vector<CoverageHour> hours;
  };
  // Slices that are the same in kCoverageKey.
  struct Group {
    std::uint32_t slice = 0;  // one of them
    CoverageStatus status = CoverageStatus::none;
    Key last_key = ~Key{0};  // that was added to: the next charge is mostly of the same day
    Day* last = nullptr;
  };
  // What is known of a slice.
  struct OfSlice {
    bool known = false;
    bool counts = false;
    bool has_quantity = false;
    bool of_use = false;
    std::uint32_t group = 0;
  };
  struct Ordered;

  OfSlice decide(std::uint32_t slice, const Charge& charge);
  CoverageHour& hour_of(std::uint32_t group, std::uint32_t part, std::int64_t hour);
  void spread(std::uint32_t group, std::uint32_t part, std::int64_t start, std::int64_t end, const CoverageHour& whole);
  base::Result<> write_months(LoadSink& sink, const std::vector<Ordered>& days);

  std::vector<OfSlice> slices_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // of groups, by their texts
  std::string text_;
  std::unordered_map<Key, Day> days_;
  std::size_t hours_ = 0;
};

}  // namespace costagent
