#include "costagent/service/reconcile.h"

#include <algorithm>
#include <map>

#include "costagent/domain/customer.h"
#include "costagent/domain/names.h"
#include "costagent/domain/provider.h"

namespace costagent {
namespace {

constexpr std::size_t kMostBills = 10'000;
constexpr std::size_t kAll = 1'000'000;  // the store's own bound is below that

base::Decimal size_of(const base::Decimal& amount) { return amount.is_negative() ? -amount : amount; }

bool fits(const Bill& bill, const BillChoice& choice) {
  return bill.billing_period == choice.billing_period &&
         (choice.provider.empty() || usual_name(bill.provider) == usual_name(choice.provider)) &&
         (choice.billing_account.empty() || bill.billing_account == choice.billing_account) &&
         (choice.currency.empty() || bill.currency == choice.currency);
}

class Reconciler {
 public:
  Reconciler(FactStore& facts, const ReconcileRequest& request) : facts_(facts), request_(request) {}

  base::Result<ReconcileReport> run() {
    if (auto found = find_bills(); !found) return base::pass_on(found);
    if (!request_.files.empty()) {
      if (auto compared = compare_lines(); !compared) return base::pass_on(compared);
    } else {
      report_.invoice = request_.total.value_or(base::Decimal());
    }
    if (request_.files.empty() && !report_.difference().is_zero()) {
      if (auto hinted = find_hints(); !hinted) return base::pass_on(hinted);
    }
    return std::move(report_);
  }

 private:
  base::Result<> find_bills() {
    const auto bills = facts_.bills(request_.customer, kMostBills);
    if (!bills) return base::pass_on(bills);
    for (const Bill& bill : *bills) {
      if (!fits(bill, request_.bill)) continue;
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
    if (!report_.bills.empty()) return {};
    return base::fail(base::ErrorKind::not_found, "there is no bill of customer '{}' for the billing period {}{}{}",
                      request_.customer, base::format_day(request_.bill.billing_period),
                      request_.bill.provider.empty() ? "" : " of ", request_.bill.provider);
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

base::Result<ReconcileReport> reconcile(FactStore& facts, const ReconcileRequest& request) {
  if (const auto good = check_customer(request.customer); !good) return base::pass_on(good);
  return Reconciler(facts, request).run();
}

}  // namespace costagent
