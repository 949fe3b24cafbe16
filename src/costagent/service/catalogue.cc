#include "costagent/service/catalogue.h"

namespace costagent {

base::Result<PricesReport> prices(FactStore& facts, const PricesRequest& request) {
  const auto period = resolve_period(facts, request.customer, request.days);
  if (!period) return base::pass_on(period);
  auto page = facts.prices({request.customer, *period, request.only, request.limit, request.offset});
  if (!page) return base::pass_on(page);
  return PricesReport{*period, std::move(*page)};
}

base::Result<InventoryReport> inventory(FactStore& facts, const InventoryRequest& request) {
  const auto period = resolve_period(facts, request.customer, request.days);
  if (!period) return base::pass_on(period);
  auto page =
      facts.inventory({request.customer, *period, request.only, request.only_tagged, request.limit, request.after});
  if (!page) return base::pass_on(page);
  return InventoryReport{*period, std::move(*page)};
}

}  // namespace costagent
