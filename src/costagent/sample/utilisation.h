// How busy the sample's machines and databases are, hour by hour.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "costagent/sample/world.h"

namespace costagent {

// Writes ResourceId,HourStart,CpuPercent,MemoryPercent,NetworkBytes,DiskBytes for every resource that has a CPU and
// every hour it is charged for; returns the number of lines. The figures fit the workload: an idle one does next to
// nothing, an oversized one never needs half of what it has, a spot-fit one works at night in bursts.
base::Result<std::uint64_t> write_utilisation(const World& world, std::uint64_t seed,
                                              const std::filesystem::path& path);

}  // namespace costagent
