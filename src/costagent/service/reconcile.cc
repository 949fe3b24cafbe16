#include "costagent/service/reconcile.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/ranges.h>

#include "costagent/domain/customer.h"
#include "costagent/domain/names.h"
#include "costagent/domain/provider.h"
#include "costagent/domain/same_word.h"

namespace costagent {
namespace {

constexpr std::size_t kMostBills = 10'000;
constexpr std::size_t kAll = 1'000'000;  // the store's own bound is below that

base::Decimal size_of(const base::Decimal& amount) { return amount.is_negative() ? -amount : amount; }

bool fits_but_for_currency(const Bill& bill, const BillChoice& choice) {
  return (choice.billing_period == base::Day() || bill.billing_period == choice.billing_period) &&
         (choice.provider.empty() || usual_name(bill.provider) == usual_name(choice.provider)) &&
         (choice.billing_account.empty() || bill.billing_account == choice.billing_account);
}

// As people write it: 2025-01.
std::string month_of(base::Day day) { return base::format_day(day).substr(0, 7); }

base::Failure none_fits(const std::string& customer, const BillChoice& choice, const std::vector<Bill>& bills) {
  std::set<std::string> currencies;
  for (const Bill& bill : bills) {
    if (fits_but_for_currency(bill, choice)) currencies.insert(bill.currency);
  }
  if (!currencies.empty()) {
    return base::Failure(base::Error{
        base::ErrorKind::not_found,
        fmt::format("there is no bill in {}: those that fit are in {}", choice.currency, fmt::join(currencies, ", ")),
        "currency"});
  }
  std::string what;
  if (choice.billing_period != base::Day()) what += " for the billing period " + month_of(choice.billing_period);
  if (!choice.provider.empty()) what += " of " + choice.provider;
  if (!choice.billing_account.empty()) what += ", billing account " + choice.billing_account;
  return base::fail(base::ErrorKind::not_found, "there is no bill of customer '{}'{}; there are some from {} to {}",
                    customer, what, month_of(bills.back().billing_period), month_of(bills.front().billing_period));
}

// Decimal places of a currency's smallest coin (ISO 4217); those with three are taken to have two, which is no harm, as
// an invoice shows what it has.
int places_of(std::string_view currency) {
  constexpr std::string_view kNone[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                        "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
  return std::find(std::begin(kNone), std::end(kNone), currency) != std::end(kNone) ? 0 : 2;
}

class Reconciler {
 public:
  Reconciler(FactStore& facts, const ReconcileRequest& request) : facts_(facts), request_(request) {}

  base::Result<ReconcileReport> run() {
    if (auto found = sum_bills(); !found) return base::pass_on(found);
    if (!request_.files.empty()) {
      if (auto compared = compare_lines(); !compared) return base::pass_on(compared);
    } else {
      report_.invoice = request_.total.value_or(base::Decimal());
    }
    if (request_.files.empty() && !report_.agrees()) {
      if (auto hinted = find_hints(); !hinted) return base::pass_on(hinted);
    }
    return std::move(report_);
  }

 private:
  base::Result<> sum_bills() {
    const auto bills = find_bills(facts_, request_.customer, request_.bill);
    if (!bills) return base::pass_on(bills);
    for (const Bill& bill : *bills) {
      if (!report_.currency.empty() && bill.currency != report_.currency) {
        return base::fail_field("currency", "the bills of that period are in {} and {}: choose one by --currency",
                                report_.currency, bill.currency);
      }
      report_.currency = bill.currency;
      report_.here += bill.costs.billed;
      days_ = report_.bills.empty() ? bill.days
                                    : Period{std::min(days_.from, bill.days.from), std::max(days_.to, bill.days.to)};
      report_.bills.push_back(bill);
    }
    if (request_.places) report_.places = std::max(*request_.places, places_of(report_.currency));
    return {};
  }

  base::Result<std::vector<CostTotal>> totals(std::vector<Dimension> by, Bucket bucket) {
    TotalsQuery query;
    query.customer = request_.customer;
    query.period = days_;
    query.by = std::move(by);
    query.bucket = bucket;
    query.limit = kAll;
    query.billing_period = request_.bill.billing_period;
    if (!request_.bill.provider.empty()) query.only[Dimension::provider] = request_.bill.provider;
    if (!request_.bill.billing_account.empty()) query.only[Dimension::billing_account] = request_.bill.billing_account;
    auto page = facts_.totals(query);
    if (!page) return base::pass_on(page);
    std::erase_if(page->totals, [&](const CostTotal& total) { return total.currency != report_.currency; });
    return std::move(page->totals);
  }

  base::Result<> compare_lines() {
    auto choice = request_.bill;
    choice.currency = report_.currency;
    const auto invoice = read_invoice(request_.files, choice);
    if (!invoice) return base::pass_on(invoice);
    report_.invoice = invoice->total();
    const auto here = totals({Dimension::service}, invoice->has_days ? Bucket::day : Bucket::whole);
    if (!here) return base::pass_on(here);
    std::map<std::pair<std::string, base::Day>, ReconcileLine> lines;
    const auto line = [&](const std::string& service, base::Day day) -> ReconcileLine& {
      ReconcileLine& at = lines[{service, day}];
      at.service = service;
      if (invoice->has_days) at.day = day;
      return at;
    };
    for (const auto& [key, cost] : invoice->billed) line(key.first, key.second).invoice = cost;
    for (const CostTotal& total : *here) {
      const base::Day day = invoice->has_days ? total.bucket : request_.bill.billing_period;
      line(total.key.at(0), day).here += total.costs.billed;
    }
    for (auto& [key, each] : lines) {
      if (!each.difference().is_zero()) report_.lines.push_back(std::move(each));
    }
    report_.differing = report_.lines.size();
    std::stable_sort(report_.lines.begin(), report_.lines.end(), [](const ReconcileLine& a, const ReconcileLine& b) {
      return size_of(a.difference()) > size_of(b.difference());
    });
    if (report_.lines.size() > ReconcileReport::kMaxLines) report_.lines.resize(ReconcileReport::kMaxLines);
    return {};
  }

  // To the last digit it is hardly chance: money that one side has and the other has not is mostly a tax, a credit, a
  // service or a day.
  base::Result<> find_hints() {
    const base::Decimal wanted = size_of(report_.difference());
    for (const auto& [by, bucket] :
         {std::pair(std::vector{Dimension::category}, Bucket::whole),
          std::pair(std::vector{Dimension::service}, Bucket::whole), std::pair(std::vector<Dimension>{}, Bucket::day),
          std::pair(std::vector{Dimension::account}, Bucket::whole),
          std::pair(std::vector{Dimension::service, Dimension::category}, Bucket::whole),
          std::pair(std::vector{Dimension::service}, Bucket::day)}) {
      const auto found = totals(by, bucket);
      if (!found) return base::pass_on(found);
      for (const CostTotal& total : *found) {
        if (size_of(total.costs.billed) != wanted) continue;
        if (report_.hints.size() == ReconcileReport::kMaxHints) return {};
        std::string what;
        for (std::size_t i = 0; i < by.size(); ++i)
          what += fmt::format("{}{} {}", what.empty() ? "" : ", ", name_of(by[i]),
                              total.key[i].empty() ? "(none)" : total.key[i]);
        if (bucket == Bucket::day)
          what += fmt::format("{}{}", what.empty() ? "" : " on ", base::format_day(total.bucket));
        report_.hints.push_back(fmt::format("it is exactly what is here of {}", what));
      }
    }
    return {};
  }

  FactStore& facts_;
  const ReconcileRequest& request_;
  ReconcileReport report_;
  Period days_;
};

}  // namespace

bool ReconcileReport::agrees() const {
  if (differing > 0) return false;
  if (!places || *places >= base::Decimal::kPlaces) return difference().is_zero();
  // A sum that rounds to the invoice's total is at most half a unit of its last digit away.
  const base::Decimal distance = size_of(difference());
  return distance + distance <= base::Decimal::parse(fmt::format("1e-{}", *places)).value();
}

base::Result<std::vector<Bill>> find_bills(FactStore& facts, const std::string& customer, const BillChoice& choice) {
  if (const auto good = check_customer(customer); !good) return base::pass_on(good);
  const auto bills = facts.bills(customer, kMostBills);
  if (!bills) return base::pass_on(bills);
  if (bills->empty()) {
    const auto version = facts.version(customer);
    if (!version) return base::pass_on(version);
    const char* what = *version == 0 ? "there is no customer '{}' in this database" : "customer '{}' has no bills yet";
    return base::Failure(
        base::Error{base::ErrorKind::not_found, fmt::format(fmt::runtime(what), customer), "customer_id"});
  }
  std::vector<Bill> found;
  for (const Bill& bill : *bills) {
    const bool currency = choice.currency.empty() || same_word(bill.currency, choice.currency);
    if (currency && fits_but_for_currency(bill, choice)) found.push_back(bill);
  }
  if (found.empty()) return none_fits(customer, choice, *bills);
  // The store knows texts by their numbers, people by their letters.
  std::sort(found.begin(), found.end(), [](const Bill& a, const Bill& b) {
    return std::tie(b.billing_period, a.provider, a.billing_account, a.currency) <
           std::tie(a.billing_period, b.provider, b.billing_account, b.currency);
  });
  return found;
}

base::Result<ReconcileReport> reconcile(FactStore& facts, const ReconcileRequest& request) {
  if (const auto good = check_customer(request.customer); !good) return base::pass_on(good);
  return Reconciler(facts, request).run();
}

}  // namespace costagent
