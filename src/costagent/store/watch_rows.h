// What both stores of watched files have in common: how states are written.
#pragma once

#include <algorithm>
#include <string_view>

#include "costagent/domain/watch_store.h"

namespace costagent {

inline std::string_view name_of(WatchedState state) { return kWatchedStates[static_cast<std::size_t>(state)]; }

// What no version writes counts as seen once, and is looked at again.
inline WatchedState watched_state(std::string_view name) {
  const auto found = std::find(kWatchedStates.begin(), kWatchedStates.end(), name);
  return found == kWatchedStates.end() ? WatchedState::fresh
                                       : static_cast<WatchedState>(found - kWatchedStates.begin());
}

}  // namespace costagent
