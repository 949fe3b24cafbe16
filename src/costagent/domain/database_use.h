// How much of a database an agent uses at a moment, for those who watch it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace costagent {

// Of sessions with a database server. The numbers count from the start of the process.
struct SessionUse {
  std::size_t open = 0;    // in use, idle, or just being made
  std::uint64_t lent = 0;  // how often one was, and came back: the difference is what is in use, or leaked
  std::uint64_t returned = 0;
  std::uint64_t made = 0;
  std::uint64_t broken = 0;    // that had to be given up
  std::uint64_t timeouts = 0;  // requests that waited for one until their time was over
  base::Nanoseconds waited{};  // of all requests together, for one
  base::Nanoseconds oldest{};  // how long the one that is lent for longest has been
};

struct DatabaseUse {
  std::size_t in_use = 0;       // connections that read, or of a server: that do anything
  std::size_t size = 0;         // how many may
  std::size_t waiting = 0;      // requests that wait for one
  std::size_t writers = 0;      // requests that wait for their turn to write
  base::Nanoseconds wait{};     // that writes have waited for their turn, since the start, of this process or another
  std::uint64_t log_bytes = 0;  // of the write-ahead log
  std::optional<SessionUse> sessions{};
};

}  // namespace costagent
