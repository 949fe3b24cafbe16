// Counts of durations with a bounded relative error: an HDR histogram (Tene 2012, "HdrHistogram").
//
// A value falls into a bucket whose width is a power of two, narrow enough that `digits` significant decimal digits are
// kept: with 3 digits a percentile is within 0.1 % of a recorded value. Recording costs a few instructions and never
// allocates, except when a value is larger than any before: the table then grows (by whole octaves, 8 KB each with 3
// digits). Values above the trackable maximum are counted in the last bucket and in `saturated`, never dropped;
// negative ones count as zero.
//
// Memory: 8 bytes × 2^(digits' bits) / 2 for each octave in use; about 170 KB for values up to a second at 3 digits.
// Not thread-safe: one recorder a thread, merged afterwards.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"

namespace stats {

class Histogram {
 public:
  // A day: nothing that a person waits for takes longer.
  static constexpr std::uint64_t kMaxTrackable = 86'400'000'000'000ULL;

  // `digits` from 1 to 4.
  explicit Histogram(int digits = 3);

  void record(base::Nanoseconds value) {
    // Most waits are none at all.
    if (value.count() <= 0 && min_ == 0) {
      ++counts_.front();
      ++count_;
      return;
    }
    const std::int64_t counted = keep_in_range(std::max<std::int64_t>(value.count(), 0), 1);
    ++counts_[index_of(static_cast<std::uint64_t>(counted))];
    ++count_;
    sum_ += static_cast<double>(counted);
  }
  void record(std::uint64_t value, std::uint64_t times);

  // Counts into the bucket of this place in `counts()`: of what was measured elsewhere, and is known to a bucket's
  // precision only. Each counts as the bucket's highest value. The place must be below `most_buckets()`.
  void record_bucket(std::size_t bucket, std::uint64_t times) { record(highest_of(bucket), times); }
  std::size_t most_buckets() const { return index_of(kMaxTrackable) + 1; }
  // The bucket's highest value.
  std::uint64_t highest_of(std::size_t bucket) const;

  // Adds what another histogram of the same digits has counted.
  void merge(const Histogram& other);

  // Forgets all counts and keeps the memory.
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t saturated() const { return saturated_; }

  // Nanoseconds. Minimum, maximum and mean are exact; all are 0 of an empty histogram.
  double mean() const { return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_); }
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const { return max_; }

  // The value that `percent` (0 to 100) of the recorded ones do not exceed, as the highest value of its bucket and
  // never above the maximum: the definition that HdrHistogram's own implementations use.
  std::uint64_t percentile(double percent) const;

  // Which of `count` values in ascending order, from 1, that is.
  static std::uint64_t rank_of(double percent, std::uint64_t count);

  // Standard deviation by bucket middles.
  double standard_deviation() const;

  int digits() const { return digits_; }

  // The counts of all buckets up to the last used one, in ascending order: bucket for bucket those of HdrHistogram with
  // a lowest discernible value of 1 and the same digits. Good until the histogram changes.
  std::span<const std::uint64_t> counts() const {
    return {counts_.data(), count_ == 0 ? std::size_t{0} : last_used_ + 1};
  }

  // Calls `visit(lowest value, highest value, count)` for every bucket that has counts, in ascending order.
  template <class Visit>
  void for_each_bucket(Visit visit) const {
    if (count_ == 0) return;
    for (std::size_t i = first_used_; i <= last_used_; ++i) {
      if (counts_[i] != 0) visit(lowest_of(i), highest_of(i), counts_[i]);
    }
  }

 private:
  // Values below 2^bits share the first table of unit-wide buckets; each octave above has 2^(bits-1) buckets.
  std::size_t index_of(std::uint64_t value) const {
    const int octave = std::max(0, static_cast<int>(std::bit_width(value)) - sub_bucket_bits_);
    return (static_cast<std::size_t>(octave) << (sub_bucket_bits_ - 1)) + static_cast<std::size_t>(value >> octave);
  }
  std::uint64_t lowest_of(std::size_t index) const;
  // Makes room for a value. Returns what it counts as.
  std::int64_t keep_in_range(std::int64_t value, std::uint64_t times) {
    // Beyond the smallest and the largest so far little comes, and everything that has a bound is there.
    if (static_cast<std::uint64_t>(value) < min_ || static_cast<std::uint64_t>(value) > max_) [[unlikely]]
      return widen_to(value, times);
    return value;
  }
  std::int64_t widen_to(std::int64_t value, std::uint64_t times);
  void grow_to(std::size_t index);

  int digits_;
  int sub_bucket_bits_;
  std::vector<std::uint64_t> counts_;
  std::size_t first_used_ = SIZE_MAX;  // so that merging and clearing walk only what was touched
  std::size_t last_used_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t saturated_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace stats
