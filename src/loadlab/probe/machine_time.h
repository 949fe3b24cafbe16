// How a machine's cores spend their time, from the first line of /proc/stat (proc(5)).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace loadlab {

// Ticks of all cores since the machine started.
struct MachineTime {
  std::uint64_t all = 0;
  std::uint64_t idle = 0;   // with nothing to do, or waiting for a disk
  std::uint64_t steal = 0;  // ready to work, while the host served other guests
};

// Empty where it can't be read. `root` is where proc is found; tests give a recorded tree.
std::optional<MachineTime> read_machine_time(const std::filesystem::path& root = "/");

// Shares of the time between two readings, in percent; 0 if none has passed.
struct MachineUse {
  double busy_percent = 0;  // at work, whoever for
  double steal_percent = 0;
};
MachineUse use_between(const MachineTime& from, const MachineTime& to);

}  // namespace loadlab
