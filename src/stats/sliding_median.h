// The median of a window that slides over values: what is seen in one window is kept for the next.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace stats {

// Equal to `median` of each window, at the cost of what enters and leaves it: the values of the window are kept in
// order, so that each of them takes a search and a move of at most the window's width. Not finite values count as
// missing. The values must outlive it. Not thread-safe.
class SlidingMedian {
 public:
  explicit SlidingMedian(std::span<const double> values) : values_(values) {}

  // The median of the values at [begin, end), clipped to what there is; none where no value is finite. Neither bound
  // may go back from call to call.
  std::optional<double> move_to(std::ptrdiff_t begin, std::ptrdiff_t end);

 private:
  void enter(double value);
  void leave(double value);
  // Both at once, at the cost of what lies between them.
  void replace(double old, double value);

  std::span<const double> values_;
  std::vector<double> ordered_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace stats
