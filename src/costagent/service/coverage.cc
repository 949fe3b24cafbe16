#include "costagent/service/coverage.h"

namespace costagent {

base::Result<CoverageReport> coverage(FactStore& facts, const CoverageRequest& request) {
  auto period = resolve_period(facts, request.customer, request.days);
  if (!period) return base::pass_on(period);
  if (request.bucket == CoverageBucket::hour && period->days() > kMaxDaysByHour) {
    if (request.days.start)
      return base::fail_field("start_date", "at most {} days can be asked for by the hour", kMaxDaysByHour);
    period->from = period->to - std::chrono::days(kMaxDaysByHour);
  }
  auto page = facts.coverage(
      {request.customer, *period, request.by, request.only, request.bucket, request.limit, request.offset});
  if (!page) return base::pass_on(page);
  return CoverageReport{*period, std::move(*page)};
}

}  // namespace costagent
