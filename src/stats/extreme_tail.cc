#include "stats/extreme_tail.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace stats {
namespace {

// The tail rests on so many blocks at the most: more reach into what is ordinary, fewer tell no steepness.
constexpr std::size_t kTailBlocks = 16;
constexpr double kLeastBlocks = 4;
// The prior: one witness of a tail that halves in probability about every 40 % of magnitude.
constexpr double kPriorWitnesses = 1;
constexpr double kPriorLogExcess = 0.5;
// Magnitudes closer than this are the same: they are sums, and round.
constexpr double kTie = 1 - 1e-6;
// Half a year of blocks of an hour; from there on the past fades.
constexpr double kMostBlocks = 4096;

}  // namespace

ExtremeTail::ExtremeTail(int block_size) : block_size_(block_size) {
  assert(block_size > 0);
  largest_.reserve(kTailBlocks + 2);
}

double ExtremeTail::surprise(double magnitude) const {
  assert(std::isfinite(magnitude) && magnitude >= 0);
  if (blocks_ < kLeastBlocks || magnitude <= 0) return 0;
  // Nothing but zeros so far: all that can be said is that it is the first.
  if (kept_ == 0) return std::log(blocks_ + 1);
  const auto kept = static_cast<double>(kept_);
  const double at_threshold = std::log((blocks_ + 1) / (kept + tied_));
  const double excess = std::log(magnitude / threshold_);
  const double weight = kPriorLogExcess + log_excess_;
  // The largest says no more than that it is beyond the second, see end_block.
  const double witnesses = (kept_ > 1 ? kept - 1 : kept) + kPriorWitnesses;
  // Below the threshold the same power law is continued downwards, until nothing is surprising.
  if (excess <= 0) return std::max(0.0, at_threshold + witnesses / weight * excess);
  return at_threshold + witnesses * std::log1p(excess / weight);
}

void ExtremeTail::add(double magnitude) {
  assert(std::isfinite(magnitude) && magnitude >= 0);
  block_largest_ = std::max(block_largest_, magnitude);
  if (++in_block_ == block_size_) end_block();
}

void ExtremeTail::end_block() {
  largest_.insert(std::upper_bound(largest_.begin(), largest_.end(), block_largest_, std::greater<>()), block_largest_);
  // Where many are as large as the largest (a limit, a perfect cycle), that is nothing rare.
  const bool at_threshold = kept_ > 0 && block_largest_ >= threshold_ * kTie;
  if (largest_.size() > kTailBlocks + 1) {
    largest_.pop_back();
    if (at_threshold) tied_ += 1;
  }
  blocks_ += 1;
  in_block_ = 0;
  block_largest_ = 0;
  if (blocks_ >= 2 * kMostBlocks) {
    // Every other one of the largest stands for half of the blocks.
    blocks_ /= 2;
    tied_ /= 2;
    std::size_t half = 0;
    for (std::size_t i = 0; i < largest_.size(); i += 2) largest_[half++] = largest_[i];
    largest_.resize(half);
  }
  kept_ = std::min({kTailBlocks, largest_.size() - 1, static_cast<std::size_t>(blocks_ / 2)});
  while (kept_ > 0 && largest_[kept_] <= 0) --kept_;
  if (largest_[kept_] * kTie > threshold_) tied_ = 0;
  threshold_ = largest_[kept_];
  if (kept_ == 0 && threshold_ > 0) kept_ = 1;
  // The largest is counted as the second and as no witness (a censored sample): one incident makes no heavy tail.
  log_excess_ = 0;
  const std::size_t known = kept_ > 1 ? 1 : 0;
  for (std::size_t i = 0; i < kept_; ++i) log_excess_ += std::log(largest_[std::max(i, known)] / threshold_);
}

}  // namespace stats
