// One worker's users coming and going along a profile: who is at work when.
//
// Of n workers each has every n-th user. User k of a test (from 0) is at work while the level is above k, so that the
// number at work is the level, rounded up; who came last leaves first. Not thread-safe; the profile must outlive it.
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "loadlab/engine/arrival_schedule.h"
#include "loadlab/plan/level_profile.h"

namespace loadlab {

class LevelCursor {
 public:
  LevelCursor(const LevelProfile& profile, Share share) : profile_(profile), share_(share) { find_next(); }

  // Users of this worker at work now.
  std::size_t users() const { return users_; }

  // When the next change comes, since the load's start; Nanoseconds::max() when there is none.
  base::Nanoseconds next() const { return next_; }
  bool next_rises() const { return rises_; }

  // Makes the next change, of one user.
  void advance();

 private:
  double level_of(std::size_t user) const {
    return static_cast<double>(share_.part) + static_cast<double>(user) * share_.parts;
  }
  void find_next();
  bool find_next_in(const Segment& segment);

  const LevelProfile& profile_;
  Share share_;
  std::size_t segment_ = 0;
  bool falling_ = false;  // somebody has left within the segment: nobody comes in the rest of it
  std::size_t users_ = 0;
  base::Nanoseconds next_{0};
  bool rises_ = true;
};

}  // namespace loadlab
