// Plants what an analysis should find into a customer's world.
#pragma once

#include <functional>

#include "base/random.h"
#include "costagent/sample/world.h"

namespace costagent {

// Makes a resource from an offer; used where a new service is planted.
using MakeResource = std::function<SampleResource(const Offer& offer, int number)>;

// One plant of each kind for every 180 days begun, apart in time, after a first quiet month. Sizes are log-uniform from
// 3 to 30 standard deviations of the service's daily cost: from barely visible to glaring. A sample under 60 days gets
// none.
void plant_anomalies(World& world, base::Random& random, const MakeResource& make_resource);

}  // namespace costagent
