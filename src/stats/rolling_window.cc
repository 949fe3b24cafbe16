#include "stats/rolling_window.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace stats {

RollingWindow::RollingWindow(std::size_t capacity) : capacity_(capacity) {
  assert(capacity > 0);
  ring_.reserve(capacity);
}

void RollingWindow::add(double value) {
  assert(std::isfinite(value));
  if (!full()) {
    ring_.push_back(value);
    return;
  }
  ring_[next_] = value;
  next_ = next_ + 1 == capacity_ ? 0 : next_ + 1;
}

double RollingWindow::last(std::size_t back) const {
  assert(back < ring_.size());
  return ring_[(next_ + ring_.size() - 1 - back) % ring_.size()];
}

double RollingWindow::mean(std::size_t count, std::size_t back) const {
  assert(count > 0 && count + back <= ring_.size());
  std::size_t at = (next_ + ring_.size() - count - back) % ring_.size();
  double sum = 0;
  for (std::size_t left = count; left > 0;) {
    const std::size_t run = std::min(left, ring_.size() - at);
    for (std::size_t i = at; i < at + run; ++i) sum += ring_[i];
    left -= run;
    at = 0;
  }
  return sum / static_cast<double>(count);
}

RollingQuantiles::RollingQuantiles(std::size_t capacity) : window_(capacity) { ordered_.reserve(capacity + 1); }

void RollingQuantiles::add(double value) {
  if (window_.full()) {
    ordered_.erase(std::lower_bound(ordered_.begin(), ordered_.end(), window_.last(window_.size() - 1)));
  }
  window_.add(value);
  ordered_.insert(std::upper_bound(ordered_.begin(), ordered_.end(), value), value);
}

double RollingQuantiles::quantile(double q) const {
  assert(!empty() && q >= 0 && q <= 1);
  const auto rank = static_cast<std::size_t>(q * static_cast<double>(ordered_.size()));
  return ordered_[std::min(rank, ordered_.size() - 1)];
}

}  // namespace stats
