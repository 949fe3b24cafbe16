#include "costagent/store/rollups.h"

#include <algorithm>

#include "costagent/store/queries.h"

namespace costagent {
namespace {

// Customer, the key's parts, file and part number: the beginning of every rollup row. Returns the next parameter's
// number.
template <class Key>
int bind_key(io::Statement& insert, std::int64_t customer, const Key& key, std::int64_t file, std::int64_t part) {
  int parameter = 1;
  insert.bind(parameter++, customer);
  for (const std::int64_t value : key) insert.bind(parameter++, value);
  insert.bind(parameter++, file);
  insert.bind(parameter++, part);
  return parameter;
}

template <class Sums>
base::Result<> insert_costs(io::Sqlite& connection, const char* sql, std::int64_t customer, std::int64_t file,
                            std::int64_t part, Sums& sums) {
  const auto insert = connection.cached(sql);
  if (!insert) return base::pass_on(insert);
  for (const auto& [key, sum] : sums) {
    const int parameter = bind_key(**insert, customer, key, file, part);
    const std::string billed = sum.billed.to_string();
    const std::string effective = sum.effective.to_string();
    (*insert)->bind(parameter, std::string_view(billed)).bind(parameter + 1, std::string_view(effective));
    if (auto inserted = (*insert)->run(); !inserted) return inserted;
  }
  sums.clear();
  return {};
}

}  // namespace

void Rollups::add_cost(const ServiceKey& key, std::int64_t resource, const base::Decimal& billed,
                       const base::Decimal& effective) {
  CostSum& service = services_[key];
  service.billed += billed;
  service.effective += effective;
  ResourceKey finer;
  std::copy(key.begin(), key.end(), finer.begin());
  finer.back() = resource;
  CostSum& sum = resources_[finer];
  sum.billed += billed;
  sum.effective += effective;
}

void Rollups::add_utilisation(std::int64_t resource, std::int64_t day, const UtilisationSample& sample) {
  UtilisationSum& sum = utilisation_[{resource, day}];
  ++sum.hours;
  sum.cpu_sum += sample.cpu_percent;
  sum.cpu_max = std::max(sum.cpu_max, sample.cpu_percent);
  sum.memory_sum += sample.memory_percent;
  sum.memory_max = std::max(sum.memory_max, sample.memory_percent);
  sum.network_sum += sample.network_bytes;
  sum.disk_sum += sample.disk_bytes;
}

base::Result<> Rollups::flush(io::Sqlite& connection) {
  if (auto flushed = insert_costs(connection, kAddDailyService, customer_, file_, part_, services_); !flushed)
    return flushed;
  if (auto flushed = insert_costs(connection, kAddDailyResource, customer_, file_, part_, resources_); !flushed)
    return flushed;
  if (auto flushed = flush_utilisation(connection); !flushed) return flushed;
  ++part_;
  return {};
}

base::Result<> Rollups::flush_utilisation(io::Sqlite& connection) {
  const auto insert = connection.cached(kAddDailyUtilisation);
  if (!insert) return base::pass_on(insert);
  for (const auto& [key, sum] : utilisation_) {
    const int next = bind_key(**insert, customer_, key, file_, part_);
    (*insert)
        ->bind(next, sum.hours)
        .bind(next + 1, sum.cpu_sum)
        .bind(next + 2, sum.cpu_max)
        .bind(next + 3, sum.memory_sum);
    (*insert)->bind(next + 4, sum.memory_max).bind(next + 5, sum.network_sum).bind(next + 6, sum.disk_sum);
    if (auto inserted = (*insert)->run(); !inserted) return inserted;
  }
  utilisation_.clear();
  return {};
}

}  // namespace costagent
