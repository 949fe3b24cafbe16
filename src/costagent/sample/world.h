// One customer of the sample: the resources it runs, how much each uses day by day, and what was planted among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "costagent/sample/catalog.h"
#include "costagent/sample/sample.h"

namespace costagent {

// What a resource is, for whoever looks for savings.
enum class Workload { normal, idle, oversized, spot_fit, commitment_fit, committed };

struct SampleResource {
  const Offer* offer = nullptr;
  std::size_t account = 0;  // index into World::accounts
  std::size_t region = 0;   // index into the cloud's regions
  std::string id;
  std::string name;
  std::string team;  // tags
  std::string environment;
  Workload workload = Workload::normal;
  double noise = 0;              // standard deviation of the logarithm of a day's use
  double weekend = 1;            // a weekend day's use, as a share of a working day's
  double growth_a_month = 0;     // 0.02: 2 % more each 30 days
  int first_day = 0;             // before it there is no charge
  std::vector<double> quantity;  // units a day, planted anomalies included
};

struct SampleAccount {
  std::size_t cloud = 0;
  std::string id;
  std::string name;
};

// An anomaly that was planted: in one service of one cloud, or (a missing day) in all of a cloud's charges.
struct Plant {
  std::string_view kind;  // "spike", "dip", "level_shift", "drift", "new_service", "missing_day"
  std::size_t cloud = 0;
  std::string_view service;  // empty for a missing day
  std::string resource_id;   // the one that was changed; empty for a missing day
  int first_day = 0;
  int last_day = 0;  // inclusive
  double size = 0;   // the change of a day (of a drift: at its end), in standard deviations of the service's daily cost
  double money_a_day = 0;  // the same in money; negative for less
};

struct World {
  std::string customer;
  base::Day first;
  int days = 0;
  std::vector<SampleAccount> accounts;
  std::vector<SampleResource> resources;
  std::vector<Plant> plants;
};

// The `index`-th customer (from 1) of a sample. Depends on the seed, the index, the days and the resources, and on no
// other customer.
World make_world(const SampleOptions& options, int index);

// The list price of a unit, in money.
double price_of(const Offer& offer);

std::string_view name_of(Workload workload);

// No charge of this cloud was delivered for this day.
bool is_missing(const World& world, std::size_t cloud, int day);

}  // namespace costagent
