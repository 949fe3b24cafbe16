#include "costagent/service/costs.h"

namespace costagent {

base::Result<CostsReport> costs(FactStore& facts, const CostsRequest& request) {
  const auto period = resolve_period(facts, request.customer, request.days);
  if (!period) return base::pass_on(period);
  TotalsQuery query;
  query.customer = request.customer;
  query.period = *period;
  query.by = request.by;
  query.by_tags = request.by_tags;
  query.only = request.only;
  query.only_tagged = request.only_tagged;
  query.bucket = request.bucket;
  query.limit = request.limit;
  query.offset = request.offset;
  auto page = facts.totals(query);
  if (!page) return base::pass_on(page);
  return CostsReport{*period, std::move(*page)};
}

}  // namespace costagent
