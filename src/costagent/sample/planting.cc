#include "costagent/sample/planting.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace costagent {
namespace {

using base::Random;

constexpr int kQuietDays = 30;  // at the start, so that there is something usual to differ from
constexpr int kShortestSample = 60;
constexpr int kDaysPerRound = 180;
constexpr double kSmallest = 3;
constexpr double kLargest = 30;
constexpr double kSlowestDrift = 0.67;  // standard deviations a day
constexpr auto kKinds =
    std::to_array<std::string_view>({"spike", "dip", "level_shift", "drift", "new_service", "missing_day"});

double daily_cost(const SampleResource& resource, int day) {
  return resource.quantity[static_cast<std::size_t>(day)] * price_of(*resource.offer);
}

// The standard deviation of a service's daily cost around its level: its resources' noises, which are independent.
double service_sigma(const World& world, std::size_t cloud, std::string_view service) {
  double variance = 0;
  for (const SampleResource& resource : world.resources) {
    if (resource.offer->cloud != cloud || resource.offer->service != service) continue;
    double sum = 0;
    for (int day = 0; day < world.days; ++day) sum += daily_cost(resource, day);
    variance += std::pow(sum / world.days * resource.noise, 2);
  }
  return std::sqrt(variance);
}

// Changes a resource's cost on one day, never below nothing.
void change(SampleResource& resource, int day, double money) {
  double& quantity = resource.quantity[static_cast<std::size_t>(day)];
  quantity = std::max(0.0, quantity + money / price_of(*resource.offer));
}

// The days a plant of that kind takes.
int length_of(std::string_view kind, int left, Random& random) {
  int length = 1;
  if (kind == "spike" || kind == "dip") length = 1 + static_cast<int>(random.below(3));
  if (kind == "drift") length = 15 + static_cast<int>(random.below(15));
  if (kind == "level_shift" || kind == "new_service") length = left;  // it stays
  return std::min(length, left);
}

// A resource whose service still has no plant, so that plants don't hide each other; one with a plant where all have.
SampleResource& choose_resource(World& world, Random& random) {
  SampleResource* chosen = nullptr;
  for (int attempt = 0; attempt < 50; ++attempt) {
    chosen = &world.resources[random.below(world.resources.size())];
    const bool taken = std::any_of(world.plants.begin(), world.plants.end(),
                                   [&](const Plant& plant) { return plant.service == chosen->offer->service; });
    if (!taken) break;
  }
  return *chosen;
}

void plant_change(World& world, Plant plant, Random& random) {
  SampleResource& resource = choose_resource(world, random);
  const double sigma = service_sigma(world, resource.offer->cloud, resource.offer->service);
  const double sign = plant.kind == "dip" ? -1 : 1;
  const int length = plant.last_day - plant.first_day + 1;
  if (plant.kind == "drift") plant.size = std::max(plant.size, kSlowestDrift * length);
  double most = plant.size * sigma;
  if (sign < 0) most = std::min(most, 0.95 * daily_cost(resource, plant.first_day));
  if (most <= 0 || sigma <= 0) return;
  plant.size = most / sigma;
  for (int day = plant.first_day; day < world.days; ++day) {
    const bool lasts = plant.kind == "drift";  // where it has led, it stays
    if (day > plant.last_day && !lasts) break;
    const double reached = lasts ? std::min(1.0, static_cast<double>(day - plant.first_day + 1) / length) : 1.0;
    change(resource, day, sign * most * reached);
  }
  plant.cloud = resource.offer->cloud;
  plant.service = resource.offer->service;
  plant.resource_id = resource.id;
  plant.money_a_day = sign * most;
  world.plants.push_back(std::move(plant));
}

void plant_new_service(World& world, Plant plant, Random& random, const MakeResource& make_resource) {
  const Offer& offer = new_offers()[random.below(new_offers().size())];
  const bool known = std::any_of(world.plants.begin(), world.plants.end(),
                                 [&](const Plant& other) { return other.service == offer.service; });
  if (known) return;
  SampleResource resource = make_resource(offer, static_cast<int>(world.resources.size()) + 1);
  resource.first_day = plant.first_day;
  std::fill_n(resource.quantity.begin(), plant.first_day, 0.0);
  plant.cloud = offer.cloud;
  plant.service = offer.service;
  plant.resource_id = resource.id;
  plant.money_a_day = daily_cost(resource, plant.first_day);
  plant.size = 0;  // there was nothing to compare with
  world.resources.push_back(std::move(resource));
  world.plants.push_back(std::move(plant));
}

}  // namespace

void plant_anomalies(World& world, Random& random, const MakeResource& make_resource) {
  if (world.days < kShortestSample || world.resources.empty()) return;
  const int rounds = (world.days + kDaysPerRound - 1) / kDaysPerRound;
  const auto count = static_cast<int>(kKinds.size()) * rounds;
  const int room = world.days - kQuietDays;
  for (int i = 0; i < count; ++i) {
    Plant plant;
    plant.kind = kKinds[static_cast<std::size_t>(i) % kKinds.size()];
    // Each has a stretch of time of its own; kinds take turns, so that the stretches of one kind are apart.
    const int stretch = std::max(1, room / count);
    plant.first_day = std::min(
        world.days - 1, kQuietDays + i * stretch + static_cast<int>(random.below(static_cast<std::uint64_t>(stretch))));
    plant.last_day = plant.first_day + length_of(plant.kind, world.days - plant.first_day, random) - 1;
    plant.size = kSmallest * std::pow(kLargest / kSmallest, random.uniform());
    if (plant.kind == "missing_day") {
      plant.cloud = random.below(clouds().size());
      plant.size = 0;
      world.plants.push_back(plant);
    } else if (plant.kind == "new_service") {
      plant_new_service(world, plant, random, make_resource);
    } else {
      plant_change(world, plant, random);
    }
  }
}

}  // namespace costagent
