#include "costagent/analyze/growth.h"

#include <map>
#include <vector>

namespace costagent {
namespace {

Growth growth_of_unit(const std::vector<const GrowthItem*>& items) {
  GrowthItem sum;
  Growth growth;
  for (const GrowthItem* item : items) {
    sum.cost_before += item->cost_before;
    sum.cost_after += item->cost_after;
    sum.quantity_before += item->quantity_before;
    sum.quantity_after += item->quantity_after;
    if (item->quantity_before > 0 && item->quantity_after > 0)
      growth.price += item->cost_after - item->cost_before / item->quantity_before * item->quantity_after;
  }
  growth.change = sum.cost_after - sum.cost_before;
  if (sum.quantity_before > 0 && sum.quantity_after > 0) {
    growth.usage = (sum.quantity_after - sum.quantity_before) * (sum.cost_before / sum.quantity_before);
  } else {
    growth.usage = growth.change - growth.price;
  }
  growth.mix = growth.change - growth.price - growth.usage;
  return growth;
}

}  // namespace

Growth growth_of(std::span<const GrowthItem> items) {
  std::map<std::string, std::vector<const GrowthItem*>> units;
  Growth whole;
  for (const GrowthItem& item : items) {
    if (item.quantity_before > 0 || item.quantity_after > 0) {
      units[item.unit].push_back(&item);
      continue;
    }
    whole.change += item.cost_after - item.cost_before;
    whole.price += item.cost_after - item.cost_before;
  }
  for (const auto& [unit, members] : units) {
    const Growth growth = growth_of_unit(members);
    whole.change += growth.change;
    whole.price += growth.price;
    whole.usage += growth.usage;
    whole.mix += growth.mix;
  }
  return whole;
}

}  // namespace costagent
