// What the server is under at a moment, for those who tell of it.
#pragma once

#include <cstddef>

namespace costagent {

struct ServerLoad {
  std::size_t in_flight = 0;      // requests being handled or waiting for it
  std::size_t waiting = 0;        // of these
  std::size_t limit = 0;          // of those in flight, as it stands now
  std::size_t waiting_limit = 0;  // of those who wait
  bool overloaded = false;        // a request was refused within the last second for want of room
};

}  // namespace costagent
