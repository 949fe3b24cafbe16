#include "costagent/analyze/silences.h"

#include <algorithm>
#include <cmath>

namespace costagent {
namespace {

constexpr std::size_t kWindow = 4;
constexpr std::size_t kMostCharges = 1;
// Of fewer than four days all must be silent. Two weeks tell a week's habit; of the 31 days of a month some are missing
// twice by chance.
constexpr std::size_t kLeastWeeks = 2;
constexpr std::size_t kLeastMonths = 3;
// Else all is silent, and no habit of a day.
constexpr double kLeastChargedAround = 1.0 / 3;
// What is explained leaves charges on nearly every other day, or is most of what there is to explain; and there is
// hardly a charge where there should be none. Else some habits are found by chance.
constexpr double kNearlyAllCharged = 0.93;
constexpr double kLeastChargedElsewhere = 0.8;
constexpr double kMostExplained = 0.75;
constexpr double kMostAgainst = 0.1;

unsigned weekday_of(base::Day day) { return std::chrono::weekday(day).c_encoding(); }

unsigned month_day_of(base::Day day) { return static_cast<unsigned>(std::chrono::year_month_day(day).day()) - 1; }

// Finds silent days, class by class.
class Search {
 public:
  explicit Search(std::span<const Charging> days) : days_(days), silent_(days.size()), against_(days.size()) {
    charges_.push_back(0);
    for (const Charging day : days) charges_.push_back(charges_.back() + (day == Charging::charged ? 1 : 0));
  }

  // Looks at the days of each class; gives whether it is silent at the end.
  template <class ClassOf>
  std::vector<bool> look(std::size_t classes, std::size_t least, const ClassOf& class_of) {
    std::vector<std::vector<std::size_t>> members(classes);
    for (std::size_t i = 0; i < days_.size(); ++i) {
      if (days_[i] != Charging::unknown && !silent_[i]) members[class_of(i)].push_back(i);
    }
    std::vector<bool> at_end;
    for (const auto& of : members) at_end.push_back(of.size() >= least && look_at(of));
    return at_end;
  }

  bool explains() const {
    double known = 0;
    double explained = 0;
    for (std::size_t i = 0; i < days_.size(); ++i) {
      known += days_[i] != Charging::unknown;
      explained += silent_[i];
    }
    const auto charges = static_cast<double>(charges_.back());
    const double elsewhere = charges / (known - explained);
    const bool most = explained >= kMostExplained * (known - charges);
    const auto against = static_cast<double>(std::count(against_.begin(), against_.end(), true));
    return charges > 0 && elsewhere >= (most ? kLeastChargedElsewhere : kNearlyAllCharged) &&
           against <= kMostAgainst * charges;
  }

  std::vector<bool> take() { return std::move(silent_); }

 private:
  bool look_at(const std::vector<std::size_t>& of) {
    const std::size_t width = std::min(of.size(), kWindow);
    const std::size_t most = width < kWindow ? 0 : kMostCharges;
    bool silent = false;
    for (std::size_t begin = 0; begin + width <= of.size(); ++begin) {
      const std::span window(of.data() + begin, width);
      const auto charges = static_cast<std::size_t>(
          std::count_if(window.begin(), window.end(), [&](std::size_t i) { return days_[i] == Charging::charged; }));
      silent = charges <= most && charged_around(window);
      if (!silent) continue;
      for (const std::size_t i : window) (days_[i] == Charging::charged ? against_ : silent_)[i] = true;
    }
    return silent;
  }

  bool charged_around(std::span<const std::size_t> window) const {
    const auto days = static_cast<double>(window.back() + 1 - window.front());
    return static_cast<double>(charges_[window.back() + 1] - charges_[window.front()]) >= kLeastChargedAround * days;
  }

  std::span<const Charging> days_;
  std::vector<std::size_t> charges_;  // of the first i days
  std::vector<bool> silent_;
  std::vector<bool> against_;
};

}  // namespace

Silences::Silences(base::Day first, std::span<const Charging> days) : first_(first) {
  if (std::find(days.begin(), days.end(), Charging::silent) == days.end()) return;
  Search search(days);
  const auto day = [first](std::size_t i) { return first + std::chrono::days(i); };
  auto weekdays = search.look(7, kLeastWeeks, [&](std::size_t i) { return weekday_of(day(i)); });
  // What the week explains says nothing of the month.
  auto month_days = search.look(31, kLeastMonths, [&](std::size_t i) { return month_day_of(day(i)); });
  if (!search.explains()) return;
  known_ = search.take();
  any_ = std::find(known_.begin(), known_.end(), true) != known_.end();
  weekdays_ = std::move(weekdays);
  month_days_ = std::move(month_days);
}

bool Silences::at(std::size_t i) const {
  if (!any_) return false;
  if (i < known_.size()) return known_[i];
  const base::Day day = first_ + std::chrono::days(i);
  return weekdays_[weekday_of(day)] || month_days_[month_day_of(day)];
}

Silences silences_of(base::Day first, std::span<const double> costs, Charging gap) {
  std::vector<Charging> days;
  days.reserve(costs.size());
  for (const double cost : costs) {
    days.push_back(!std::isfinite(cost) ? gap : (cost == 0 ? Charging::silent : Charging::charged));
  }
  return {first, days};
}

}  // namespace costagent
