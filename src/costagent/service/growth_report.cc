#include "costagent/service/growth_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace costagent {
namespace {

using Things =
    std::map<std::tuple<std::string, std::string, std::string, std::string, std::string, std::string, std::string>,
             ItemGrowth>;

void put(Things& things, const UsageTotal& total, UsageTotal ItemGrowth::*at) {
  const auto [found, added] = things.try_emplace(
      {total.currency, total.provider, total.service, total.region, total.usage_type, total.sku, total.unit});
  ItemGrowth& item = found->second;
  if (added) {
    item.before = item.after = total;
    for (UsageTotal* side : {&item.before, &item.after}) {
      side->cost = side->quantity = 0;
      side->complete = true;
    }
  }
  item.*at = total;
}

// Quantities of which a part is missing would be told as a change of price that never was.
GrowthItem item_of(const ItemGrowth& item) {
  const bool complete = item.before.complete && item.after.complete;
  return {item.after.unit, item.before.cost, complete ? item.before.quantity : 0, item.after.cost,
          complete ? item.after.quantity : 0};
}

double change_of(const ItemGrowth& item) { return std::abs(item.after.cost - item.before.cost); }

CurrencyGrowth growth_of_currency(const std::string& currency, std::vector<ItemGrowth> items) {
  CurrencyGrowth whole;
  whole.currency = currency;
  std::vector<GrowthItem> all;
  std::map<std::pair<std::string, std::string>, std::vector<GrowthItem>> services;
  for (const ItemGrowth& item : items) {
    all.push_back(item_of(item));
    services[{item.after.provider, item.after.service}].push_back(all.back());
    whole.cost_before += item.before.cost;
    whole.cost += item.after.cost;
    whole.complete = whole.complete && item.before.complete && item.after.complete;
  }
  whole.growth = growth_of(all);
  for (const auto& [name, members] : services) {
    ServiceGrowth& service = whole.services.emplace_back();
    std::tie(service.provider, service.service) = name;
    for (const GrowthItem& member : members) {
      service.cost_before += member.cost_before;
      service.cost += member.cost_after;
    }
    service.growth = growth_of(members);
  }
  std::stable_sort(whole.services.begin(), whole.services.end(), [](const ServiceGrowth& a, const ServiceGrowth& b) {
    return std::abs(a.growth.change) > std::abs(b.growth.change);
  });
  std::stable_sort(items.begin(), items.end(),
                   [](const ItemGrowth& a, const ItemGrowth& b) { return change_of(a) > change_of(b); });
  whole.services.resize(std::min(whole.services.size(), GrowthReport::kMostServices));
  items.resize(std::min(items.size(), GrowthReport::kMostItems));
  whole.items = std::move(items);
  return whole;
}

}  // namespace

base::Result<std::optional<GrowthReport>> growth_report(FactStore& facts, const std::string& customer,
                                                        const std::map<Dimension, std::string>& only, Period period,
                                                        Period known) {
  GrowthReport report;
  report.before = {period.from - std::chrono::days(period.days()), period.from};
  if (report.before.from < known.from) return std::optional<GrowthReport>();
  Things things;
  for (const auto& [days, at] :
       {std::pair(report.before, &ItemGrowth::before), std::pair(period, &ItemGrowth::after)}) {
    const auto totals = facts.usage({customer, days, only});
    if (!totals) return base::pass_on(totals);
    for (const UsageTotal& total : *totals) put(things, total, at);
  }
  std::map<std::string, std::vector<ItemGrowth>> currencies;
  for (auto& [key, item] : things) currencies[item.after.currency].push_back(std::move(item));
  for (auto& [currency, items] : currencies)
    report.currencies.push_back(growth_of_currency(currency, std::move(items)));
  return std::optional(std::move(report));
}

}  // namespace costagent
