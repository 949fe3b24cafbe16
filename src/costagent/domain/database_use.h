// How much of a database an agent uses at a moment, for those who watch it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace costagent {

struct DatabaseUse {
  std::size_t in_use = 0;       // connections that read
  std::size_t size = 0;         // how many may
  std::size_t waiting = 0;      // requests that wait for one
  std::size_t writers = 0;      // requests that wait for their turn to write
  base::Nanoseconds wait{};     // that writes have waited for their turn, since the start, of this process or another
  std::uint64_t log_bytes = 0;  // of the write-ahead log
};

}  // namespace costagent
