// Daily sums of what one file brings, kept in memory until they are written.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "base/decimal.h"
#include "base/result.h"
#include "costagent/domain/resource.h"
#include "io/sqlite.h"

namespace costagent {

// The dictionary numbers that a day's sum is kept by, in the order of the tables' keys: day, provider, account,
// service, region, category, currency, and for the finer one the resource.
using ServiceKey = std::array<std::int64_t, 7>;
using ResourceKey = std::array<std::int64_t, 8>;

struct KeyHash {
  template <std::size_t N>
  std::size_t operator()(const std::array<std::int64_t, N>& key) const {
    std::uint64_t hash = 0x9e3779b97f4a7c15ULL;
    for (const std::int64_t part : key)
      hash = (hash ^ static_cast<std::uint64_t>(part)) * 0xff51afd7ed558ccdULL + (hash >> 31);
    return hash;
  }
};

struct CostSum {
  base::Decimal billed;
  base::Decimal effective;
};

struct UtilisationSum {
  std::int64_t hours = 0;
  double cpu_sum = 0;
  double cpu_max = 0;
  double memory_sum = 0;
  double memory_max = 0;
  double network_sum = 0;
  double disk_sum = 0;
};

// Bounded: once it is `full`, `flush` writes what is there and begins anew. Not thread-safe.
class Rollups {
 public:
  Rollups(std::int64_t customer, std::int64_t file) : customer_(customer), file_(file) {}

  void add_cost(const ServiceKey& key, std::int64_t resource, const base::Decimal& billed,
                const base::Decimal& effective);
  void add_utilisation(std::int64_t resource, std::int64_t day, const UtilisationSample& sample);

  bool full() const { return services_.size() + resources_.size() + utilisation_.size() >= kMaxKept; }
  base::Result<> flush(io::Sqlite& connection);

 private:
  // About 40 MB: a month of 4,000 resources.
  static constexpr std::size_t kMaxKept = 250'000;

  base::Result<> flush_utilisation(io::Sqlite& connection);

  std::int64_t customer_;
  std::int64_t file_;
  std::int64_t part_ = 0;
  std::unordered_map<ServiceKey, CostSum, KeyHash> services_;
  std::unordered_map<ResourceKey, CostSum, KeyHash> resources_;
  std::unordered_map<std::array<std::int64_t, 2>, UtilisationSum, KeyHash> utilisation_;  // resource, day
};

}  // namespace costagent
