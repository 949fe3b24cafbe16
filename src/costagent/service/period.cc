#include "costagent/service/period.h"

#include "costagent/domain/customer.h"

namespace costagent {

base::Result<Period> extent_of(FactStore& facts, const std::string& customer) {
  if (const auto good = check_customer(customer); !good) return base::pass_on(good);
  const auto extent = facts.extent(customer);
  if (!extent) return base::pass_on(extent);
  if (*extent) return **extent;
  const auto version = facts.version(customer);
  if (!version) return base::pass_on(version);
  // Contract commitments and utilisation say nothing of costs, but whoever has sent them wonders.
  const std::string_view only = *version == 0 ? "" : ", only other facts (contract commitments or utilisation)";
  return base::Failure(base::Error{
      base::ErrorKind::not_found,
      fmt::format("there are no charges of customer '{}'{}: collect a bill first", customer, only), "customer_id"});
}

base::Result<Period> resolve_period(FactStore& facts, const std::string& customer, const AskedDays& asked) {
  const auto extent = extent_of(facts, customer);
  if (!extent) return base::pass_on(extent);
  return resolve_period(*extent, asked);
}

base::Result<Period> resolve_period(Period extent, const AskedDays& asked) {
  Period period;
  period.to = asked.end ? *asked.end + std::chrono::days(1) : extent.to;
  period.from = asked.start.value_or(period.to - std::chrono::days(kDaysWhenNotAsked));
  if (period.from >= period.to) {
    return base::fail_field("start_date", "start_date {} comes after end_date {}", base::format_day(period.from),
                            base::format_day(period.to - std::chrono::days(1)));
  }
  if (period.days() > kMaxDaysAsked) {
    return base::fail_field(asked.end ? "end_date" : "start_date",
                            "start_date and end_date are {} days apart; at most {} can be asked for at once",
                            period.days(), kMaxDaysAsked);
  }
  return period;
}

}  // namespace costagent
