#include "costagent/sample/truth.h"

#include <fmt/format.h>

#include <iterator>

namespace costagent {
namespace {

// Names in the sample hold only letters, digits and `-/:._`, so that nothing needs escaping.
void append_plant(std::string& to, const World& world, const Plant& plant) {
  fmt::format_to(
      std::back_inserter(to),
      R"({{"kind":"{}","provider":"{}","service":"{}","resource_id":"{}","start":"{}","end":"{}","sigmas":{:.2f},)"
      R"("money_per_day":{:.4f}}})",
      plant.kind, clouds()[plant.cloud].name, plant.service, plant.resource_id,
      base::format_day(world.first + std::chrono::days(plant.first_day)),
      base::format_day(world.first + std::chrono::days(plant.last_day)), plant.size, plant.money_a_day);
}

void append_workloads(std::string& to, const World& world, Workload workload) {
  fmt::format_to(std::back_inserter(to), R"("{}":[)", name_of(workload));
  bool first = true;
  for (const SampleResource& resource : world.resources) {
    if (resource.workload != workload) continue;
    fmt::format_to(std::back_inserter(to), R"({}"{}")", first ? "" : ",", resource.id);
    first = false;
  }
  to += ']';
}

}  // namespace

std::string truth_of(const World& world) {
  std::string text =
      fmt::format("{{\"customer\":\"{}\",\"first_day\":\"{}\",\"last_day\":\"{}\",\n \"anomalies\":[", world.customer,
                  base::format_day(world.first), base::format_day(world.first + std::chrono::days(world.days - 1)));
  for (std::size_t i = 0; i < world.plants.size(); ++i) {
    text += i == 0 ? "\n  " : ",\n  ";
    append_plant(text, world, world.plants[i]);
  }
  text += "],\n \"resources\":{\n  ";
  bool first = true;
  for (const Workload workload : {Workload::idle, Workload::oversized, Workload::spot_fit, Workload::commitment_fit}) {
    if (!first) text += ",\n  ";
    append_workloads(text, world, workload);
    first = false;
  }
  return text + "}}";
}

}  // namespace costagent
