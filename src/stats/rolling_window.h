// The last values of a stream, in the order of their coming and in the order of their size.
#pragma once

#include <cstddef>
#include <vector>

namespace stats {

// Holds up to `capacity` finite values; each beyond that takes the oldest one's place. Not thread-safe.
class RollingWindow {
 public:
  explicit RollingWindow(std::size_t capacity);

  void add(double value);

  std::size_t size() const { return ring_.size(); }
  bool full() const { return ring_.size() == capacity_; }

  // The value `back` steps ago: 0 is the last one. There must be as many.
  double last(std::size_t back) const;

  // The mean of `count` values of which the latest came `back` steps ago, summed anew: a running sum would keep the
  // rounding of a huge value after it has left. There must be as many.
  double mean(std::size_t count, std::size_t back = 0) const;

 private:
  std::size_t capacity_;
  std::size_t next_ = 0;  // where the next value goes, once it is full
  std::vector<double> ring_;
};

// The same with ranks: a value costs a search and a move of at most `capacity` numbers.
class RollingQuantiles {
 public:
  explicit RollingQuantiles(std::size_t capacity);

  void add(double value);
  bool empty() const { return ordered_.empty(); }

  // The value of the rank `q` (0 to 1) without interpolation; there must be one.
  double quantile(double q) const;

 private:
  RollingWindow window_;
  std::vector<double> ordered_;
};

}  // namespace stats
