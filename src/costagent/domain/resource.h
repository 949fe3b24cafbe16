// What a customer runs, as the bill and the monitoring know it.
#pragma once

#include <string>

#include "base/decimal.h"
#include "base/time.h"

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

}  // namespace costagent
