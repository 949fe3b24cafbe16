#include "costagent/sample/utilisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "base/random.h"

namespace costagent {
namespace {

using base::Random;

// The mean of a workload's busy hours and of its quiet ones, in percent.
struct Level {
  double cpu_busy;
  double cpu_quiet;
  double memory;
  double network_mb;  // an hour
};

Level level_of(const SampleResource& resource, Random& random) {
  switch (resource.workload) {
    case Workload::idle:
      return {random.uniform(0.3, 1.5), random.uniform(0.2, 0.8), random.uniform(3, 8), 0.05};
    case Workload::oversized:
      return {random.uniform(8, 18), random.uniform(3, 7), random.uniform(12, 25), 120};
    case Workload::spot_fit:
      return {random.uniform(70, 90), random.uniform(1, 5), random.uniform(40, 60), 900};
    case Workload::commitment_fit:
    case Workload::committed:
      return {random.uniform(55, 70), random.uniform(45, 60), random.uniform(55, 75), 600};
    case Workload::normal:
      break;
  }
  return {random.uniform(50, 75), random.uniform(20, 35), random.uniform(45, 70), 400};
}

bool is_busy(const SampleResource& resource, int hour, bool weekend) {
  if (resource.workload == Workload::spot_fit) return hour < 5;
  return hour >= 8 && hour < 19 && !weekend;
}

double bounded_percent(double value) { return std::clamp(value, 0.0, 100.0); }

}  // namespace

base::Result<std::uint64_t> write_utilisation(const World& world, std::uint64_t seed,
                                              const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  std::string text = "ResourceId,HourStart,CpuPercent,MemoryPercent,NetworkBytes,DiskBytes\n";
  std::uint64_t lines = 0;
  std::uint64_t number = 0;
  for (const SampleResource& resource : world.resources) {
    ++number;
    const ResourceKind kind = resource.offer->kind;
    if (kind != ResourceKind::machine && kind != ResourceKind::database) continue;
    Random random(base::mix(seed ^ base::mix(number)));
    const Level level = level_of(resource, random);
    for (int day = resource.first_day; day < world.days; ++day) {
      const base::Day date = world.first + std::chrono::days(day);
      const std::chrono::weekday weekday{date};
      const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
      const std::string date_text = base::format_day(date);
      for (int hour = 0; hour < 24; ++hour) {
        const double share = (is_busy(resource, hour, weekend) ? level.cpu_busy : level.cpu_quiet) / 100;
        const double cpu = bounded_percent(100 * share * std::exp(0.15 * random.normal()));
        const double memory = bounded_percent(level.memory * (1 + 0.03 * random.normal()));
        const double traffic = 1e6 * level.network_mb * (0.3 + share) * std::exp(0.3 * random.normal());
        fmt::format_to(std::back_inserter(text), "{},{}T{:02}:00:00Z,{:.2f},{:.2f},{:.0f},{:.0f}\n", resource.id,
                       date_text, hour, cpu, memory, traffic, traffic * 0.4);
        ++lines;
      }
    }
    file << text;
    text.clear();
  }
  file << text;
  file.close();
  if (!file) return base::fail(base::ErrorKind::io, "{} can't be written: is the disk full?", path.string());
  return lines;
}

}  // namespace costagent
