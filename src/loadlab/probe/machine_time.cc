#include "loadlab/probe/machine_time.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

namespace loadlab {
namespace {

// The columns of the line `cpu`, in their order. Guests' time, which follows, is held in that of user and nice already.
enum Column : std::size_t { user, nice, system, idle, iowait, irq, softirq, steal, columns };

}  // namespace

std::optional<MachineTime> read_machine_time(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/stat");
  std::string name;
  std::array<std::uint64_t, columns> ticks{};
  if (!(file >> name) || name != "cpu") return std::nullopt;
  for (std::uint64_t& column : ticks) {
    if (!(file >> column)) return std::nullopt;
  }
  MachineTime time;
  for (const std::uint64_t column : ticks) time.all += column;
  time.idle = ticks[idle] + ticks[iowait];
  time.steal = ticks[steal];
  return time;
}

MachineUse use_between(const MachineTime& from, const MachineTime& to) {
  if (to.all <= from.all) return {};
  // The kernel's count of idle time may step back a little.
  const auto grown = [](std::uint64_t before, std::uint64_t after) {
    return after > before ? static_cast<double>(after - before) : 0.0;
  };
  const double all = grown(from.all, to.all);
  MachineUse use;
  use.steal_percent = 100 * grown(from.steal, to.steal) / all;
  use.busy_percent = std::max(0.0, 100 - 100 * grown(from.idle, to.idle) / all - use.steal_percent);
  return use;
}

}  // namespace loadlab
