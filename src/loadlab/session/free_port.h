// Ports for what a plan starts.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

namespace loadlab {

// Gives ports of 127.0.0.1 on which nobody listens, no port twice. They lie outside the range from which the kernel
// takes those of outgoing connections, so that none of the load's own connections takes one before it is used; another
// program that is told to listen on it still may. Not thread-safe.
class FreePorts {
 public:
  FreePorts();
  // `low` and `high` bound the kernel's range.
  FreePorts(std::uint16_t low, std::uint16_t high) : low_(low), high_(high) {}

  // None where so many are taken that trying on makes no sense.
  std::optional<std::uint16_t> next();

 private:
  std::uint16_t low_;
  std::uint16_t high_;
  std::set<std::uint16_t> given_;
};

}  // namespace loadlab
