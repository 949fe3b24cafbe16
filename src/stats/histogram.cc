#include "stats/histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace stats {
namespace {

// The number of bits that tell 2 × 10^digits values apart.
int bits_for(int digits) {
  assert(digits >= 1 && digits <= 4);
  return static_cast<int>(std::ceil(std::log2(2 * std::pow(10, digits))));
}

}  // namespace

Histogram::Histogram(int digits)
    : digits_(digits), sub_bucket_bits_(bits_for(digits)), counts_(std::size_t{1} << sub_bucket_bits_) {}

void Histogram::record(std::uint64_t value, std::uint64_t times) {
  const auto signed_value = static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
  const std::int64_t counted = keep_in_range(signed_value, times);
  counts_[index_of(static_cast<std::uint64_t>(counted))] += times;
  count_ += times;
  sum_ += static_cast<double>(counted) * static_cast<double>(times);
}

std::int64_t Histogram::widen_to(std::int64_t signed_value, std::uint64_t times) {
  auto value = static_cast<std::uint64_t>(signed_value);
  if (value > kMaxTrackable) {
    saturated_ += times;
    value = kMaxTrackable;
  }
  const std::size_t index = index_of(value);
  if (index >= counts_.size()) grow_to(index);
  first_used_ = std::min(first_used_, index);
  last_used_ = std::max(last_used_, index);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  return static_cast<std::int64_t>(value);
}

void Histogram::grow_to(std::size_t index) {
  const std::size_t octave = std::size_t{1} << (sub_bucket_bits_ - 1);
  counts_.resize((index / octave + 1) * octave);
}

void Histogram::merge(const Histogram& other) {
  assert(digits_ == other.digits_);
  if (other.count_ == 0) return;
  if (other.last_used_ >= counts_.size()) grow_to(other.last_used_);
  for (std::size_t i = other.first_used_; i <= other.last_used_; ++i) counts_[i] += other.counts_[i];
  first_used_ = std::min(first_used_, other.first_used_);
  last_used_ = std::max(last_used_, other.last_used_);
  count_ += other.count_;
  saturated_ += other.saturated_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

void Histogram::clear() {
  if (count_ == 0) return;
  std::fill(counts_.begin() + static_cast<std::ptrdiff_t>(first_used_),
            counts_.begin() + static_cast<std::ptrdiff_t>(last_used_) + 1, 0);
  first_used_ = SIZE_MAX;
  last_used_ = 0;
  count_ = 0;
  saturated_ = 0;
  min_ = UINT64_MAX;
  max_ = 0;
  sum_ = 0;
}

std::uint64_t Histogram::rank_of(double percent, std::uint64_t count) {
  const double share = std::clamp(percent, 0.0, 100.0) / 100.0;
  // The small allowance keeps 99.9 % of 1000 at 999, whatever the product's last bit says.
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count) - 1e-6)));
}

std::uint64_t Histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const std::uint64_t rank = rank_of(percent, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = first_used_; i <= last_used_; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::clamp(highest_of(i), min_, max_);
  }
  return max_;
}

double Histogram::standard_deviation() const {
  if (count_ < 2) return 0;
  const double average = mean();
  double squares = 0;
  for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
    const double distance = (static_cast<double>(low) + static_cast<double>(high)) / 2 - average;
    squares += distance * distance * static_cast<double>(count);
  });
  return std::sqrt(squares / static_cast<double>(count_));
}

std::uint64_t Histogram::lowest_of(std::size_t index) const {
  const std::size_t half = std::size_t{1} << (sub_bucket_bits_ - 1);
  if (index < 2 * half) return index;
  const std::size_t octave = index / half - 1;
  return static_cast<std::uint64_t>(index - octave * half) << octave;
}

std::uint64_t Histogram::highest_of(std::size_t bucket) const { return lowest_of(bucket + 1) - 1; }

}  // namespace stats
