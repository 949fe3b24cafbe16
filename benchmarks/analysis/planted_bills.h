// Bills made up at random, with anomalies planted into them: for judging what is found.
//
// A customer has 8 services in 3 regions over 425 days, of which the last 365 are reported: 24 slices with a level, a
// week, a growth, charges on a day of the month (its last, its first or its last business day) and noise of their own,
// their sums by service, and the total.
#pragma once

#include <cstdint>
#include <vector>

#include "costagent/analyze/incidents.h"

namespace bench {

inline constexpr int kDays = 425;
inline constexpr int kFirstReported = 60;
inline constexpr int kServices = 8;
inline constexpr int kRegions = 3;
inline constexpr int kSlices = 1 + kServices + kServices * kRegions;
inline constexpr int kPlants = 10;

// Of the same median absolute deviation: independent and normal, independent by Student's t with 4 degrees of freedom,
// or normal with a correlation of 0.4 from day to day.
enum class NoiseKind { normal, student, correlated };

enum PlantKind { spike, dip, shift, drift, missing, kPlantKinds };
inline constexpr const char* kPlantNames[] = {"spike", "dip", "shift", "drift", "missing"};

struct Plant {
  PlantKind kind;
  int at;
  int days;  // shifts and drifts are undone after them
  double mads;
  costagent::SliceKey slice;
};

struct MadeUpBill {
  std::vector<costagent::SliceLevel> levels;  // total, services, services by region
  std::vector<Plant> plants;
};

struct BillOptions {
  NoiseKind noise = NoiseKind::normal;
  bool planted = true;
  bool whole = false;  // planted into all regions of a service, by their share of its cost, rather than into one
};

base::Day first_day();

// Ten plants a year, at least 25 days apart: spikes, dips, shifts, drifts of at least 0.67 standard deviations a day,
// missing days. Their sizes are log-uniform from 3 to 30 median absolute deviations of the slice on that day. The same
// for the same seed, on every machine.
MadeUpBill make_bill(std::uint64_t seed, const BillOptions& options);

}  // namespace bench
