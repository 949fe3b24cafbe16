#include "costagent/analyze/hour_profile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace costagent {
namespace {

constexpr int kHoursADay = 24;
constexpr int kDays = 28;
constexpr int kLeastDays = 2;
constexpr double kLeastShare = 0.5;

}  // namespace

// One hour more on both sides, as the oldest day is looked at with its neighbours.
HourProfile::HourProfile() : hours_(kDays * kHoursADay + 2) {}

std::size_t HourProfile::place(std::int64_t number) const {
  const auto size = static_cast<std::int64_t>(hours_.size());
  return static_cast<std::size_t>(((number % size) + size) % size);
}

void HourProfile::add(base::Seconds time, double value) {
  const std::int64_t hour = std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
  if (count_ > 0 && hour != current_) {
    hours_[place(current_)] = {current_, sum_ / count_};
    sum_ = 0;
    count_ = 0;
  }
  current_ = hour;
  sum_ += value;
  ++count_;
}

double HourProfile::distance(std::chrono::seconds step) const {
  const double values_an_hour = 3600.0 / static_cast<double>(std::max<std::int64_t>(1, step.count()));
  if (count_ == 0 || count_ < kLeastShare * values_an_hour) return 0;
  const double mean = sum_ / count_;
  double nearest = std::numeric_limits<double>::infinity();
  int days = 0;
  for (int day = 1; day <= kDays; ++day) {
    for (int shift = -1; shift <= 1; ++shift) {
      const std::int64_t number = current_ - day * kHoursADay + shift;
      const Hour& hour = hours_[place(number)];
      if (hour.number != number) continue;
      nearest = std::min(nearest, std::abs(hour.mean - mean));
      if (shift == 0) ++days;
    }
  }
  return days < kLeastDays ? 0 : nearest;
}

}  // namespace costagent
