#include "loadlab/probe/tree_counter.h"

#include <algorithm>
#include <utility>

namespace loadlab {

void TreeCounter::begin() {
  before_ = std::exchange(now_, {});
  grown_ = 0;
  grown_inherited_ = 0;
}

void TreeCounter::add(pid_t pid, bool since, double own, double inherited) {
  now_[pid] = {own, inherited};
  const auto known = before_.find(pid);
  if (known == before_.end()) {
    if (since) grown_ += own + inherited;
    return;
  }
  // Threads that end take their share with them.
  grown_ += std::max(0.0, own - known->second.own);
  grown_inherited_ += inherited - known->second.inherited;
}

double TreeCounter::end() {
  double vanished = 0;
  for (const auto& [pid, counted] : before_) {
    if (!now_.contains(pid)) vanished += counted.own + counted.inherited;
  }
  total_ += grown_ + std::max(0.0, grown_inherited_ - vanished);
  return total_;
}

}  // namespace loadlab
