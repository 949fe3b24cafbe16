#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "costagent/store/fact_ids.h"
#include "costagent/store/facts.h"

namespace costagent {

base::Result<std::vector<FactReader::ResourceCost>> FactReader::resource_costs(const RowFilter& filter, Period period) {
  auto rows = MatchingRows::open(source_, filter, {SliceColumn::resource}, period, true);
  if (!rows) return base::pass_on(rows);
  std::unordered_map<Ids, ResourceCost, IdsHash> costs;
  Ids ids(3);
  for (;;) {
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids = {rows->column(SliceColumn::resource), rows->column(SliceColumn::currency),
           rows->column(SliceColumn::provider)};
    ResourceCost& cost = costs[ids];
    if (costs.size() > kMaxSlices) return too_many_slices();
    std::tie(cost.resource, cost.currency, cost.provider) = std::tie(ids[0], ids[1], ids[2]);
    cost.account = rows->column(SliceColumn::account);
    cost.service = rows->column(SliceColumn::service);
    cost.region = rows->column(SliceColumn::region);
    cost.effective += rows->costs().effective;
    const std::int64_t day = rows->time();
    if (day != cost.last_day) ++cost.days;  // rows come in the order of days
    cost.last_day = day;
  }
  std::vector<ResourceCost> found;
  found.reserve(costs.size());
  for (auto& [key, cost] : costs) found.push_back(cost);
  return found;
}

base::Result<std::vector<ResourceUsage>> FactReader::resources(const std::string& customer, const std::string& provider,
                                                               Period period, std::size_t limit) {
  std::map<Dimension, std::string> only;
  if (!provider.empty()) only[Dimension::provider] = provider;
  const auto filter = make_filter(source_, customer, only, {});
  if (!filter) return base::pass_on(filter);
  std::vector<ResourceUsage> found;
  if (!*filter || period.days() <= 0) return found;
  auto costs = resource_costs(**filter, period);
  if (!costs) return base::pass_on(costs);
  const auto nothing = source_.find_text("");
  if (!nothing) return base::pass_on(nothing);
  std::erase_if(*costs, [&](const ResourceCost& cost) { return cost.resource == *nothing; });
  std::sort(costs->begin(), costs->end(), [](const ResourceCost& a, const ResourceCost& b) {
    if (a.effective != b.effective) return a.effective > b.effective;
    return std::tie(a.resource, a.currency, a.provider) < std::tie(b.resource, b.currency, b.provider);
  });
  if (costs->size() > limit) costs->resize(limit);
  if (const auto told = expect((*filter)->customer, *costs, period); !told) return base::pass_on(told);
  for (const ResourceCost& cost : *costs) {
    auto usage = describe((*filter)->customer, period, cost);
    if (!usage) return base::pass_on(usage);
    found.push_back(std::move(*usage));
  }
  return found;
}

base::Result<> FactReader::expect(std::int64_t customer, const std::vector<ResourceCost>& costs, Period period) {
  Ids texts;
  Ids resources;
  for (const ResourceCost& cost : costs) {
    resources.push_back(cost.resource);
    texts.insert(texts.end(), {cost.resource, cost.currency, cost.provider, cost.account, cost.service, cost.region});
  }
  if (auto told = source_.expect_texts(texts); !told) return told;
  return source_.expect_resources(customer, resources, period);
}

base::Result<ResourceUsage> FactReader::describe(std::int64_t customer, Period period, const ResourceCost& cost) {
  ResourceUsage usage;
  const std::pair<std::int64_t, std::string*> texts[] = {
      {cost.resource, &usage.resource_id}, {cost.currency, &usage.currency}, {cost.provider, &usage.provider},
      {cost.account, &usage.account},      {cost.service, &usage.service},   {cost.region, &usage.region}};
  for (const auto& [id, to] : texts) {
    auto text = source_.text(id);
    if (!text) return base::pass_on(text);
    *to = std::move(*text);
  }
  usage.effective_cost = cost.effective;
  usage.days_billed = cost.days;
  usage.last_billed = day_of(cost.last_day);
  if (const auto named = add_names(customer, cost.resource, usage); !named) return base::pass_on(named);
  if (const auto added = add_utilisation(customer, cost.resource, period, usage); !added) return base::pass_on(added);
  return usage;
}

base::Result<> FactReader::add_utilisation(std::int64_t customer, std::int64_t resource, Period period,
                                           ResourceUsage& usage) {
  const auto sum = source_.utilisation(customer, resource, period);
  if (!sum) return base::pass_on(sum);
  usage.hours_observed = static_cast<int>(sum->hours);
  if (sum->hours == 0) return {};
  const double hours = usage.hours_observed;
  usage.cpu_percent_average = sum->cpu_sum / hours;
  usage.cpu_percent_max = sum->cpu_max;
  usage.memory_percent_average = sum->memory_sum / hours;
  usage.memory_percent_max = sum->memory_max;
  usage.network_bytes_per_hour = sum->network_sum / hours;
  usage.disk_bytes_per_hour = sum->disk_sum / hours;
  return {};
}

base::Result<> FactReader::add_names(std::int64_t customer, std::int64_t resource, ResourceUsage& usage) {
  const auto texts = source_.resource(customer, resource);
  if (!texts) return base::pass_on(texts);
  if (!*texts) return {};
  auto name = source_.text((*texts)->name);
  if (!name) return base::pass_on(name);
  auto type = source_.text((*texts)->type);
  if (!type) return base::pass_on(type);
  usage.resource_name = std::move(*name);
  usage.resource_type = std::move(*type);
  return {};
}

}  // namespace costagent
