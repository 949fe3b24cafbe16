#include "costagent/service/costs.h"

#include <algorithm>

namespace costagent {
namespace {

// A hundred accounts' over some years.
constexpr std::size_t kMostBills = 10'000;

// A bill's charges may be of days outside of its period.
base::Result<AskedDays> days_of_bills(FactStore& facts, const std::string& customer, base::Day billing_period) {
  // An unknown customer is told as such.
  if (const auto known = extent_of(facts, customer); !known) return base::pass_on(known);
  const auto bills = facts.bills(customer, kMostBills);
  if (!bills) return base::pass_on(bills);
  AskedDays days;
  for (const Bill& bill : *bills) {
    if (bill.billing_period != billing_period) continue;
    const base::Day last = bill.days.to - std::chrono::days(1);
    days.start = std::min(days.start.value_or(bill.days.from), bill.days.from);
    days.end = std::max(days.end.value_or(last), last);
  }
  if (days.start) return days;
  return base::Failure(
      base::Error{base::ErrorKind::not_found,
                  fmt::format("there is no bill of customer '{}' for the billing period that begins on {}", customer,
                              base::format_day(billing_period)),
                  "billing_period"});
}

}  // namespace

base::Result<CostsReport> costs(FactStore& facts, const CostsRequest& request) {
  base::Result<AskedDays> days = request.days;
  if (request.billing_period && !request.days.start && !request.days.end)
    days = days_of_bills(facts, request.customer, *request.billing_period);
  if (!days) return base::pass_on(days);
  const auto period = resolve_period(facts, request.customer, *days);
  if (!period) return base::pass_on(period);
  TotalsQuery query;
  query.customer = request.customer;
  query.period = *period;
  query.by = request.by;
  query.by_tags = request.by_tags;
  query.only = request.only;
  query.only_tagged = request.only_tagged;
  query.billing_period = request.billing_period;
  query.bucket = request.bucket;
  query.limit = request.limit;
  query.offset = request.offset;
  auto page = facts.totals(query);
  if (!page) return base::pass_on(page);
  return CostsReport{*period, std::move(*page)};
}

}  // namespace costagent
