#include "loadlab/judge/steady_part.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace loadlab {
namespace {

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

struct Stretch {
  double from = 0;
  double to = 0;
  std::vector<double> levels;  // of each load; those of a moving one are never equal to any

  bool moves() const {
    return std::any_of(levels.begin(), levels.end(), [](double level) { return level != level; });
  }
};

// A load's level within [from, to), between two of its turning points; not a number while it moves.
double level_of(const Load& load, double from, double to) {
  constexpr double kMoving = std::numeric_limits<double>::quiet_NaN();
  if (const auto* open = std::get_if<OpenLoad>(&load.model); open && open->arrivals == Arrivals::replay) {
    return to <= seconds_of(load.start) || from >= seconds_of(load.end()) ? 0 : kMoving;
  }
  const double middle = (from + to) / 2 - seconds_of(load.start);
  for (const Segment& segment : load.profile().segments()) {
    if (middle >= seconds_of(segment.begin) && middle < seconds_of(segment.end()))
      return segment.from == segment.to ? segment.to : kMoving;
  }
  return 0;
}

std::vector<Stretch> stretches_of(const Test& plan) {
  std::vector<double> turns = {0};
  for (const Load& load : plan.loads) {
    const double start = seconds_of(load.start);
    turns.push_back(start);
    turns.push_back(seconds_of(load.end()));
    for (const Segment& segment : load.profile().segments()) turns.push_back(start + seconds_of(segment.begin));
  }
  std::sort(turns.begin(), turns.end());
  turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i + 1 < turns.size(); ++i) {
    Stretch stretch{turns[i], turns[i + 1], {}};
    for (const Load& load : plan.loads) stretch.levels.push_back(level_of(load, stretch.from, stretch.to));
    if (!stretches.empty() && stretches.back().levels == stretch.levels) {
      stretches.back().to = stretch.to;
    } else {
      stretches.push_back(std::move(stretch));
    }
  }
  return stretches;
}

}  // namespace

SteadyPart steady_part(const Test& plan, const TestResult& test) {
  const double warm = test.warm_up_seconds;
  SteadyPart longest;
  for (const Stretch& stretch : stretches_of(plan)) {
    if (stretch.moves()) continue;
    const SteadyPart part{std::max(stretch.from, warm), std::min(stretch.to, test.seconds)};
    if (part.seconds() > longest.seconds()) longest = part;
  }
  if (longest.seconds() > 0 && !(warm > 0 && longest.from == warm))
    longest.from += std::min(kSettlingShare * longest.seconds(), kLongestSettling);
  return longest;
}

}  // namespace loadlab
