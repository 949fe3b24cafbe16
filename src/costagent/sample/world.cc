#include "costagent/sample/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "costagent/sample/planting.h"

namespace costagent {
namespace {

using base::Random;

constexpr auto kTeams = std::to_array<std::string_view>({"checkout", "search", "data", "platform", "mobile"});
constexpr auto kEnvironments = std::to_array<std::string_view>({"production", "production", "staging", "development"});
constexpr std::size_t kAccountsPerCloud = 2;

// The shares of the workloads among machines and databases; the rest is normal.
struct WorkloadShare {
  Workload workload;
  double share;
};
constexpr auto kWorkloadShares = std::to_array<WorkloadShare>({
    {Workload::idle, 0.10},
    {Workload::oversized, 0.15},
    {Workload::spot_fit, 0.10},
    {Workload::commitment_fit, 0.15},
    {Workload::committed, 0.15},
});

Workload choose_workload(Random& random) {
  double at = random.uniform();
  for (const auto& [workload, share] : kWorkloadShares) {
    if (at < share) return workload;
    at -= share;
  }
  return Workload::normal;
}

// AWS's accounts and Google's projects have numbers; Azure's subscriptions have UUIDs.
std::string account_id(std::size_t cloud, Random& random) {
  if (cloud != 2) return fmt::format("{:012}", random.below(1'000'000'000'000));
  const auto front = random.below(std::uint64_t{1} << 48);  // one at a time: arguments have no order
  const auto middle = random.below(std::uint64_t{1} << 24);
  const auto back = random.below(std::uint64_t{1} << 48);
  return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", front >> 16, front & 0xffff, middle >> 12, middle & 0xfff,
                     back);
}

std::vector<SampleAccount> make_accounts(Random& random) {
  std::vector<SampleAccount> accounts;
  for (std::size_t cloud = 0; cloud < clouds().size(); ++cloud) {
    for (std::size_t i = 0; i < kAccountsPerCloud; ++i) {
      accounts.push_back({cloud, account_id(cloud, random), i == 0 ? "main" : "labs"});
    }
  }
  return accounts;
}

std::string resource_id(const SampleResource& resource, const SampleAccount& account, const CloudRegion& region) {
  return fmt::format(fmt::runtime(resource.offer->id), fmt::arg("account", account.id), fmt::arg("region", region.id),
                     fmt::arg("team", resource.team), fmt::arg("name", resource.name));
}

void give_habits(SampleResource& resource, Random& random) {
  const bool has_cpu = resource.offer->kind == ResourceKind::machine || resource.offer->kind == ResourceKind::database;
  resource.workload = has_cpu ? choose_workload(random) : Workload::normal;
  switch (resource.offer->kind) {
    case ResourceKind::machine:
    case ResourceKind::database:
      resource.noise = random.uniform(0.005, 0.02);
      break;
    case ResourceKind::storage:
      resource.noise = random.uniform(0.003, 0.01);
      resource.growth_a_month = random.uniform(0.0, 0.04);
      break;
    case ResourceKind::usage:
      resource.noise = random.uniform(0.03, 0.10);
      resource.weekend = random.uniform(0.45, 0.9);
      resource.growth_a_month = random.uniform(-0.01, 0.03);
      break;
  }
  if (resource.workload == Workload::normal && resource.offer->kind == ResourceKind::machine && random.chance(0.5)) {
    resource.weekend = random.uniform(0.5, 0.9);  // switched off at weekends, in part
  }
  if (resource.workload == Workload::spot_fit) resource.noise = random.uniform(0.02, 0.05);
}

// Units a day over the whole sample: level, growth, week and noise.
void use(SampleResource& resource, const World& world, Random& random) {
  const double level = resource.offer->units_a_day * std::exp(0.5 * random.normal());
  resource.quantity.assign(static_cast<std::size_t>(world.days), 0.0);
  for (int day = 0; day < world.days; ++day) {
    const std::chrono::weekday weekday{world.first + std::chrono::days(day)};
    const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    const double trend = 1 + resource.growth_a_month * day / 30;
    const double noise = std::exp(resource.noise * random.normal());
    resource.quantity[static_cast<std::size_t>(day)] = level * trend * (weekend ? resource.weekend : 1) * noise;
  }
}

SampleResource make_resource(const World& world, const Offer& offer, int number, Random& random) {
  SampleResource resource;
  resource.offer = &offer;
  resource.account = offer.cloud * kAccountsPerCloud + (random.chance(0.3) ? 1 : 0);
  resource.region = random.below(clouds()[offer.cloud].regions.size());
  resource.team = kTeams[random.below(kTeams.size())];
  resource.environment = kEnvironments[random.below(kEnvironments.size())];
  resource.name =
      fmt::format("{}-{}-{:04}", resource.team, offer.kind == ResourceKind::machine ? "fleet" : "svc", number);
  resource.id = resource_id(resource, world.accounts[resource.account], clouds()[offer.cloud].regions[resource.region]);
  give_habits(resource, random);
  use(resource, world, random);
  return resource;
}

}  // namespace

World make_world(const SampleOptions& options, int index) {
  Random random(base::mix(options.seed) ^ base::mix(static_cast<std::uint64_t>(index) << 32));
  World world;
  world.customer = fmt::format("customer-{}", index);
  world.days = options.days;
  world.first = options.end - std::chrono::days(options.days);
  world.accounts = make_accounts(random);
  const auto all = offers();
  for (int number = 0; number < options.resources; ++number) {
    // The first ones take the offers in turn, so that small samples have every service; then chance decides.
    const auto turn = static_cast<std::size_t>(number);
    const Offer& offer = all[turn < all.size() ? turn : random.below(all.size())];
    world.resources.push_back(make_resource(world, offer, number + 1, random));
  }
  plant_anomalies(world, random,
                  [&](const Offer& offer, int number) { return make_resource(world, offer, number, random); });
  return world;
}

double price_of(const Offer& offer) { return static_cast<double>(offer.price_e8) * 1e-8; }

std::string_view name_of(Workload workload) {
  switch (workload) {
    case Workload::normal:
      return "normal";
    case Workload::idle:
      return "idle";
    case Workload::oversized:
      return "oversized";
    case Workload::spot_fit:
      return "spot_fit";
    case Workload::commitment_fit:
      return "commitment_fit";
    case Workload::committed:
      return "committed";
  }
  return "normal";
}

bool is_missing(const World& world, std::size_t cloud, int day) {
  return std::any_of(world.plants.begin(), world.plants.end(), [&](const Plant& plant) {
    return plant.kind == "missing_day" && plant.cloud == cloud && plant.first_day <= day && day <= plant.last_day;
  });
}

}  // namespace costagent
