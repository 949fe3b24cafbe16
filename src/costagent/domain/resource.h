// What a customer runs, as the bill and the monitoring know it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

// One hour of one resource. Percentages are of the resource's own size, 0 to 100.
struct UtilisationSample {
  std::string resource_id;
  base::Seconds hour;
  double cpu_percent = 0;
  double memory_percent = 0;
  double network_bytes = 0;  // in and out, within the hour
  double disk_bytes = 0;     // read and written, within the hour
};

// A resource over a period: its cost from the bill beside its utilisation, where that is known.
struct ResourceUsage {
  std::string resource_id;
  std::string resource_name;
  std::string resource_type;
  std::string provider;
  std::string account;
  std::string service;
  std::string region;
  std::string currency;
  base::Decimal effective_cost;  // over the period
  int days_billed = 0;           // days of the period with a charge
  base::Day last_billed;

  int hours_observed = 0;  // 0: nothing is known of its utilisation, and the fields below mean nothing
  double cpu_percent_average = 0;
  double cpu_percent_max = 0;  // of an hour
  double memory_percent_average = 0;
  double memory_percent_max = 0;  // of an hour
  double network_bytes_per_hour = 0;
  double disk_bytes_per_hour = 0;
};

// What the inventory has of a resource. Service, region, account and tags are those of its dearest charge of the last
// day.
struct InventoryItem {
  std::string resource_id;
  std::string resource_name;
  std::string resource_type;
  std::string provider;
  std::string account;
  std::string service;
  std::string region;
  std::map<std::string, std::string> tags;
  base::Day first_billed;  // days with a charge
  base::Day last_billed;
};

// What the inventory can be asked for by.
inline constexpr Dimension kInventoryDimensions[] = {Dimension::provider, Dimension::account, Dimension::service,
                                                     Dimension::region, Dimension::resource};

struct InventoryQuery {
  std::string customer;
  Period period;                                     // keep what was charged from before its end to after its start
  std::map<Dimension, std::string> only{};           // of kInventoryDimensions
  std::map<std::string, std::string> only_tagged{};  // keep what has a tag with this value; empty: no such tag
  std::size_t limit = 50;
  std::int64_t after = 0;  // `next` of the page before
};

// In the order in which the store has met the resources, so that a page stays what it is while others are added.
struct InventoryPage {
  std::vector<InventoryItem> items;
  std::optional<std::int64_t> next{};  // where the next page goes on, if there is one
};

}  // namespace costagent
