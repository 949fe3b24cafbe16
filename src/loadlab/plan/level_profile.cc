#include "loadlab/plan/level_profile.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace loadlab {

using base::Nanoseconds;

namespace {

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

Nanoseconds stretched(Nanoseconds time, double factor) {
  return Nanoseconds(std::llround(static_cast<double>(time.count()) * factor));
}

}  // namespace

double Segment::area() const { return (from + to) / 2 * seconds_of(length); }

LevelProfile::LevelProfile(std::vector<Stage> stages) : stages_(std::move(stages)) {
  Nanoseconds begin{0};
  double level = 0;
  double area = 0;
  const auto add = [&](Nanoseconds length, double to, std::size_t stage) {
    if (length.count() == 0) return;
    segments_.push_back({begin, length, level, to, stage, area});
    begin += length;
    level = to;
    area += segments_.back().area();
  };
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    assert(stage.duration.count() > 0 && stage.ramp <= stage.duration);
    add(stage.ramp, stage.level, i);
    level = stage.level;
    add(stage.duration - stage.ramp, stage.level, i);
  }
}

LevelProfile LevelProfile::steady(double level, Nanoseconds ramp_up, Nanoseconds duration) {
  return LevelProfile({{duration, level, std::min(ramp_up, duration)}});
}

Nanoseconds LevelProfile::duration() const { return segments_.empty() ? Nanoseconds(0) : segments_.back().end(); }

double LevelProfile::highest() const {
  double highest = 0;
  for (const Segment& segment : segments_) highest = std::max({highest, segment.from, segment.to});
  return highest;
}

double LevelProfile::at(Nanoseconds time) const {
  for (const Segment& segment : segments_) {
    if (time >= segment.end()) continue;
    return segment.from + (segment.to - segment.from) * seconds_of(time - segment.begin) / seconds_of(segment.length);
  }
  return segments_.empty() ? 0 : segments_.back().to;
}

std::size_t LevelProfile::stage_at(Nanoseconds time) const {
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), time,
                                      [](Nanoseconds at, const Segment& segment) { return at < segment.begin; });
  return after == segments_.begin() ? 0 : std::prev(after)->stage;
}

Nanoseconds LevelProfile::when(double area) const {
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), area,
                       [](double wanted, const Segment& segment) { return wanted < segment.area_before; });
  // Pieces at level zero add nothing: the moment lies in the last piece that begins at or below the area and rises.
  for (auto at = after == segments_.begin() ? segments_.begin() : std::prev(after); at != segments_.end(); ++at) {
    const double rest = area - at->area_before;
    if (rest > at->area() || at->area() == 0) continue;
    // The area under a line from a to b over time T, up to t, is a t + (b - a) t² / 2T, solved without cancellation.
    const double slope = (at->to - at->from) / seconds_of(at->length);
    const double root = std::sqrt(std::max(0.0, at->from * at->from + 2 * rest * slope));
    const double divisor = at->from + root;
    const double seconds = divisor > 0 ? 2 * rest / divisor : 0;
    return at->begin + std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
  }
  return Nanoseconds::max();
}

LevelProfile LevelProfile::lasting(Nanoseconds duration) const {
  assert(!stages_.empty());
  if (stages_.size() == 1) return steady(stages_[0].level, stages_[0].ramp, duration);
  const double factor = static_cast<double>(duration.count()) / static_cast<double>(this->duration().count());
  std::vector<Stage> stages = stages_;
  for (Stage& stage : stages) {
    stage.duration = std::max(Nanoseconds(1), stretched(stage.duration, factor));
    stage.ramp = std::min(stretched(stage.ramp, factor), stage.duration);
  }
  return LevelProfile(std::move(stages));
}

}  // namespace loadlab
