#include "loadlab/engine/level_cursor.h"

namespace loadlab {

using base::Nanoseconds;

namespace {

// When a segment passes a level that lies between its ends.
Nanoseconds crossing(const Segment& segment, double level) {
  const double part = (level - segment.from) / (segment.to - segment.from);
  return segment.begin + Nanoseconds(static_cast<std::int64_t>(part * static_cast<double>(segment.length.count())));
}

}  // namespace

void LevelCursor::advance() {
  users_ = rises_ ? users_ + 1 : users_ - 1;
  find_next();
}

void LevelCursor::find_next() {
  const auto& segments = profile_.segments();
  for (; segment_ < segments.size(); ++segment_, falling_ = false) {
    if (find_next_in(segments[segment_])) return;
  }
  next_ = Nanoseconds::max();
}

bool LevelCursor::find_next_in(const Segment& segment) {
  const double coming = level_of(users_);
  if (!falling_ && (segment.from > coming || segment.to > coming)) {
    rises_ = true;
    next_ = segment.from > coming ? segment.begin : crossing(segment, coming);
    return true;
  }
  if (users_ == 0) return false;
  const double leaving = level_of(users_ - 1);
  if (segment.to > leaving) return false;
  rises_ = false;
  falling_ = true;
  next_ = segment.from <= leaving ? segment.begin : crossing(segment, leaving);
  return true;
}

}  // namespace loadlab
