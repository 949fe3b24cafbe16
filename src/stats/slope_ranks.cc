#include "stats/slope_ranks.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Below this many, listing all is quicker than closing in.
constexpr std::size_t kFewPairs = 1500;
constexpr std::size_t kFirstSample = 384;
constexpr std::size_t kNextSample = 192;
// A bracket with this many slopes a point is listed.
constexpr std::size_t kListedPerPoint = 8;
// Each round leaves a fifth of a bracket; what is still wide after these holds equal slopes that rounding spread.
constexpr int kMostRounds = 40;
// Beyond so many exchanges sorting anew is quicker than turning the order.
constexpr std::size_t kExchangesPerPoint = 16;
constexpr std::size_t kSortedByInsertion = 6;

template <class Value>
std::uint64_t insertion_falls(std::span<Value> values) {
  std::uint64_t falls = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    const Value value = values[i];
    std::size_t j = i;
    for (; j > 0 && value < values[j - 1]; --j) values[j] = values[j - 1];
    values[j] = value;
    falls += i - j;
  }
  return falls;
}

// Of two sorted halves: the pairs across that fall.
template <class Value>
std::uint64_t merge_falls(std::span<const Value> from, std::size_t middle, Value* to) {
  std::uint64_t falls = 0;
  std::size_t left = 0;
  std::size_t right = middle;
  while (left < middle && right < from.size()) {
    const Value a = from[left];
    const Value b = from[right];
    // Written so that no jump is taken: which of the two is less can't be foreseen.
    const std::size_t fall = b < a ? 1 : 0;
    *to++ = b < a ? b : a;
    falls += (middle - left) & (0 - fall);
    left += 1 - fall;
    right += fall;
  }
  to = std::copy(from.begin() + static_cast<std::ptrdiff_t>(left), from.begin() + static_cast<std::ptrdiff_t>(middle),
                 to);
  std::copy(from.begin() + static_cast<std::ptrdiff_t>(right), from.end(), to);
  return falls;
}

// Sorts, equal ones staying as they stand.
template <class Value>
std::uint64_t merge_sort(std::span<Value> values, std::span<Value> scratch) {
  assert(scratch.size() >= values.size());
  const std::size_t count = values.size();
  std::uint64_t falls = 0;
  for (std::size_t begin = 0; begin < count; begin += kSortedByInsertion)
    falls += insertion_falls(values.subspan(begin, std::min(kSortedByInsertion, count - begin)));
  std::span<Value> from = values;
  std::span<Value> to = scratch.first(count);
  for (std::size_t width = kSortedByInsertion; width < count; width *= 2) {
    for (std::size_t begin = 0; begin < count; begin += 2 * width) {
      const std::size_t length = std::min(2 * width, count - begin);
      falls += merge_falls<Value>(from.subspan(begin, length), std::min(width, length), &to[begin]);
    }
    std::swap(from, to);
  }
  if (from.data() != values.data()) std::copy(from.begin(), from.end(), values.begin());
  return falls;
}

}  // namespace

std::uint64_t sort_and_count_falls(std::span<double> values, std::span<double> scratch) {
  return merge_sort(values, scratch);
}

// The slopes in [low, high): those of rank `before` to `until`, less one.
struct SlopeRanks::Bracket {
  double low = -kInfinity;
  double high = kInfinity;
  std::size_t before = 0;
  std::size_t until = 0;

  std::size_t count() const { return until - before; }
  bool holds(double slope) const { return low <= slope && slope < high; }
};

SlopeRanks::SlopeRanks(std::span<const Point> points)
    : points_(points.begin(), points.end()), pairs_(points.size() * (points.size() - 1) / 2) {
  assert(points.size() >= 2);
  double largest = 0;
  for (const Point& point : points_) largest = std::max(largest, std::abs(point.value));
  std::frexp(largest, &exponent_);
  const double middle = std::midpoint(points_.front().step, points_.back().step);
  for (Point& point : points_) {
    point.value = std::ldexp(point.value, -exponent_);
    point.step -= middle;
  }
  if (pairs_ <= kFewPairs) {
    all_.reserve(pairs_);
    for (std::size_t i = 0; i < points_.size(); ++i)
      for (std::size_t j = i + 1; j < points_.size(); ++j) all_.push_back(slope(i, j));
    std::sort(all_.begin(), all_.end());
    return;
  }
  Bracket whole;
  whole.until = pairs_;
  sample_ = drawn(whole, kFirstSample);
}

double SlopeRanks::slope(std::size_t i, std::size_t j) const {
  return (points_[j].value - points_[i].value) / (points_[j].step - points_[i].step);
}

double SlopeRanks::key_at(double slope, const Point& point) const {
  // At the ends of all slopes the points stand in the order of their steps, or in the reverse one.
  if (!std::isfinite(slope)) return std::copysign(1.0, -slope) * point.step;
  return point.value - slope * point.step;
}

// Sorts all points anew.
void SlopeRanks::order_at(double slope) {
  order_.clear();
  for (const Point& point : points_)
    order_.push_back({key_at(slope, point), static_cast<std::uint32_t>(order_.size())});
  scratch_.resize(order_.size());
  order_below_ = merge_sort(std::span(order_), std::span(scratch_));
  order_slope_ = slope;
}

// Turns the order to another slope by at most about so many exchanges, and notes the slopes of the pairs exchanged.
// False if they don't suffice; the order is then none.
bool SlopeRanks::turn_to(double slope, std::size_t most, std::vector<double>* crossed) {
  for (Placed& placed : order_) placed.key = key_at(slope, points_[placed.index]);
  std::size_t exchanges = 0;
  for (std::size_t i = 1; i < order_.size(); ++i) {
    const Placed moved = order_[i];
    std::size_t j = i;
    for (; j > 0 && moved.comes_before(order_[j - 1]); --j) order_[j] = order_[j - 1];
    order_[j] = moved;
    if (crossed != nullptr) {
      for (std::size_t k = j + 1; k <= i; ++k) crossed->push_back(this->slope(order_[k].index, moved.index));
    }
    exchanges += i - j;
    if (exchanges > most) {
      order_.clear();
      return false;
    }
  }
  order_below_ = slope > order_slope_ ? order_below_ + exchanges : order_below_ - std::min(order_below_, exchanges);
  order_slope_ = slope;
  return true;
}

std::size_t SlopeRanks::below(double slope) {
  if (order_.empty() || !turn_to(slope, kExchangesPerPoint * points_.size(), nullptr)) order_at(slope);
  return order_below_;
}

std::vector<double> SlopeRanks::drawn(const Bracket& bracket, std::size_t wanted) {
  std::vector<double> slopes;
  slopes.reserve(wanted);
  // A bracket that isn't listed yet has at least 16 / n of all slopes.
  const std::size_t most = wanted * points_.size();
  for (std::size_t draw = 0; draw < most && slopes.size() < wanted; ++draw) {
    // The upper and the lower half of 64 bits; what they are not uniform by matters to nothing.
    const std::uint64_t bits = random_.next();
    const std::size_t i = (bits >> 32U) * points_.size() >> 32U;
    const std::size_t j = (bits & 0xffffffffU) * points_.size() >> 32U;
    if (i == j) continue;
    const double found = slope(i, j);
    if (bracket.holds(found)) slopes.push_back(found);
  }
  std::sort(slopes.begin(), slopes.end());
  return slopes;
}

// Moves one end of the bracket to a slope within it, and says how many are smaller.
std::size_t SlopeRanks::cut(Bracket& bracket, std::size_t rank, double slope) {
  if (slope <= bracket.low) return bracket.before;
  if (slope >= bracket.high) return bracket.until;
  const std::size_t before = std::clamp(below(slope), bracket.before, bracket.until);
  if (before <= rank) {
    bracket.low = slope;
    bracket.before = before;
  } else {
    bracket.high = slope;
    bracket.until = before;
  }
  return before;
}

// Whether `rank` is among the slopes that equal this one, or differ by what rounding makes.
bool SlopeRanks::is_atom(double slope, std::size_t rank) {
  const double reach =
      8 * std::numeric_limits<double>::epsilon() * (1 + std::abs(slope) * (points_.back().step - points_.front().step));
  return below(slope - reach) <= rank && rank < below(slope + reach);
}

// Closes the bracket in by order statistics of the sample on both sides of the rank. True if the rank is among slopes
// that are all equal, whose one value is then `bracket.low`.
bool SlopeRanks::narrow(Bracket& bracket, std::size_t rank, std::vector<double>& sample) {
  if (sample.empty()) return false;
  const auto size = static_cast<double>(sample.size());
  const double share = (static_cast<double>(rank - bracket.before) + 0.5) / static_cast<double>(bracket.count());
  // Three standard deviations of how many of the sample lie below the rank.
  const double reach = 1 + 3 * std::sqrt(size * share * (1 - share));
  const auto place = [&](double at) { return static_cast<std::size_t>(std::clamp(at, 0.0, size - 1)); };
  const double lower = sample[place(share * size - reach)];
  const double upper = sample[place(share * size + reach)];
  const double middle = sample[place(share * size)];
  const bool repeated =
      std::upper_bound(sample.begin(), sample.end(), middle) - std::lower_bound(sample.begin(), sample.end(), middle) >
      2;
  if (repeated && is_atom(middle, rank)) {
    bracket.low = middle;
    return true;
  }
  cut(bracket, rank, upper);
  cut(bracket, rank, lower);
  return false;
}

// The bracket's slopes: those of the pairs that are exchanged on the way from one of its ends to the other.
std::vector<double> SlopeRanks::listed(const Bracket& bracket) {
  const bool at_high = !order_.empty() && order_slope_ == bracket.high;
  if (!at_high && (order_.empty() || order_slope_ != bracket.low)) below(bracket.low);
  std::vector<double> slopes;
  slopes.reserve(bracket.count());
  turn_to(at_high ? bracket.low : bracket.high, pairs_, &slopes);
  return slopes;
}

// The sample tells where the rank is about, one count by how much that was wrong, and the sample again what to add.
// Then the rank lies between two cuts that leave few slopes.
void SlopeRanks::aim(Bracket& bracket, std::size_t rank) {
  const auto size = static_cast<double>(sample_.size());
  const double slopes_each = static_cast<double>(pairs_) / size;
  const auto guess = [&](double wanted) {
    const double place = std::clamp(wanted / slopes_each - 0.5, 0.0, size - 1);
    const auto left = static_cast<std::size_t>(place);
    const std::size_t right = std::min(left + 1, sample_.size() - 1);
    return std::lerp(sample_[left], sample_[right], place - static_cast<double>(left));
  };
  const auto wanted = static_cast<double>(rank);
  const double first = guess(wanted);
  const double missed = wanted - static_cast<double>(cut(bracket, rank, first));
  const double reach = 1.5 * slopes_each + 2.5 * std::sqrt(std::abs(missed) * slopes_each);
  // The lower one last: the listing begins there.
  cut(bracket, rank, guess(wanted + missed + reach));
  cut(bracket, rank, guess(wanted + missed - reach));
}

// Within a narrow bracket slopes lie evenly: the rank is where its share of them is, but for chance.
void SlopeRanks::close_in(Bracket& bracket, std::size_t rank) {
  constexpr std::size_t kWorthIt = 400;
  if (bracket.count() < kWorthIt || !std::isfinite(bracket.low) || !std::isfinite(bracket.high)) return;
  const auto count = static_cast<double>(bracket.count());
  const double share = static_cast<double>(rank - bracket.before) / count;
  const double reach = 2 / std::sqrt(count);
  const double low = bracket.low;
  const double width = bracket.high - bracket.low;
  cut(bracket, rank, low + width * (share + reach));
  cut(bracket, rank, low + width * (share - reach));
}

// Whether the sample has the same slope twice where the rank is about: then many are equal there.
bool SlopeRanks::repeated_in_sample(std::size_t rank) const {
  const std::size_t place = std::min(rank * sample_.size() / pairs_, sample_.size() - 1);
  const double slope = sample_[place];
  return (place > 0 && sample_[place - 1] == slope) || (place + 1 < sample_.size() && sample_[place + 1] == slope);
}

double SlopeRanks::at(std::size_t rank) {
  assert(rank < pairs_);
  if (!all_.empty()) return std::ldexp(all_[rank], exponent_);
  if (rank < listed_before_ || rank - listed_before_ >= listed_.size()) {
    Bracket bracket;
    bracket.until = pairs_;
    std::vector<double> sample = sample_;
    const bool alone = !repeated_in_sample(rank);
    if (alone) {
      aim(bracket, rank);
      close_in(bracket, rank);
    }
    for (int round = 0; round < kMostRounds && bracket.count() > kListedPerPoint * points_.size(); ++round) {
      if (round > 0 || alone) sample = drawn(bracket, kNextSample);
      if (narrow(bracket, rank, sample)) return std::ldexp(bracket.low, exponent_);
    }
    listed_ = listed(bracket);
    listed_before_ = bracket.before;
    if (listed_.empty()) return std::ldexp(bracket.low, exponent_);
  }
  const auto place = listed_.begin() + static_cast<std::ptrdiff_t>(std::min(rank - listed_before_, listed_.size() - 1));
  std::nth_element(listed_.begin(), place, listed_.end());
  return std::ldexp(*place, exponent_);
}

}  // namespace stats
