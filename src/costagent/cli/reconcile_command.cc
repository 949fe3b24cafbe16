#include "costagent/cli/reconcile_command.h"

#include <boost/json.hpp>
#include <iostream>

#include "costagent/cli/database_option.h"
#include "costagent/cli/terminal.h"
#include "costagent/service/reconcile.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent reconcile --database sqlite:costs.db --customer acme                          # which bills are there
  costagent reconcile --database sqlite:costs.db --customer acme --month 2025-01 --provider aws --total 1234.56
  costagent reconcile --database sqlite:costs.db --customer acme --month 2025-01 --invoice invoice.csv

Compares the billed cost of a billing period, to its last digit, with an invoice's total or with its lines: CSV with the
columns service, cost and perhaps date, or a bill in any of the forms that `costagent ingest` takes. Differences are named
by service and day; of a total alone, what is exactly the difference.

Exit codes: 0 they agree, 1 they differ, 2 the arguments or a file are wrong, 3 it could not be done.
)";

constexpr std::size_t kMostBills = 200;

std::string month_text(base::Day day) { return base::format_day(day).substr(0, 7); }

std::string name_of_bill(const Bill& bill) {
  return bill.billing_account.empty() ? bill.provider : bill.provider + " " + bill.billing_account;
}

void print_bills(const std::vector<Bill>& bills) {
  fmt::print("{:<8} {:<40} {:>12} {:>24} {:>24}\n", "month", "bill", "charges", "billed cost", "effective cost");
  for (const Bill& bill : bills) {
    fmt::print("{:<8} {:<40} {:>12} {:>20} {} {:>20} {}\n", month_text(bill.billing_period), name_of_bill(bill),
               with_commas(static_cast<std::uint64_t>(bill.rows)), bill.costs.billed.to_string(), bill.currency,
               bill.costs.effective.to_string(), bill.currency);
  }
}

void print_report(const ReconcileReport& report) {
  for (const Bill& bill : report.bills)
    fmt::print("{}, {}: {} {}\n", name_of_bill(bill), month_text(bill.billing_period), bill.costs.billed.to_string(),
               bill.currency);
  fmt::print("the invoice says {} {}, here are {} {}\n", report.invoice.to_string(), report.currency,
             report.here.to_string(), report.currency);
  if (report.agrees()) {
    fmt::print("they agree to the last digit\n");
    return;
  }
  fmt::print("difference: {}\n", report.difference().to_string());
  for (const std::string& hint : report.hints) fmt::print("  {}\n", hint);
  if (report.lines.empty()) return;
  fmt::print("\n{:<10}  {:<44} {:>20} {:>20} {:>20}\n", "day", "service", "invoice", "here", "difference");
  for (const ReconcileLine& line : report.lines) {
    fmt::print("{:<10}  {:<44} {:>20} {:>20} {:>20}\n", line.day ? base::format_day(*line.day) : "",
               line.service.empty() ? "(none)" : line.service, line.invoice.to_string(), line.here.to_string(),
               line.difference().to_string());
  }
  if (report.differing > report.lines.size())
    fmt::print("… and {} more\n", with_commas(report.differing - report.lines.size()));
}

std::string json_text(const ReconcileReport& report) {
  boost::json::array lines;
  for (const ReconcileLine& line : report.lines) {
    boost::json::object object{{"service", line.service},
                               {"invoice", line.invoice.to_string()},
                               {"here", line.here.to_string()},
                               {"difference", line.difference().to_string()}};
    if (line.day) object["date"] = base::format_day(*line.day);
    lines.push_back(std::move(object));
  }
  return boost::json::serialize(
      boost::json::object{{"agrees", report.agrees()},
                          {"currency", report.currency},
                          {"invoice", report.invoice.to_string()},
                          {"here", report.here.to_string()},
                          {"difference", report.difference().to_string()},
                          {"differing", report.differing},
                          {"lines", std::move(lines)},
                          {"hints", boost::json::array(report.hints.begin(), report.hints.end())}});
}

}  // namespace

ReconcileCommand::ReconcileCommand(CLI::App& app)
    : command_(app.add_subcommand("reconcile", "Compare a month with an invoice")) {
  command_->footer(kFooter);
  add_database_option(*command_, database_, "where the bills are");
  command_->add_option("--customer", customer_, "whose bills they are")->required()->type_name("ID");
  auto* month = command_->add_option("--month", month_, "the billing period")->type_name("YYYY-MM");
  command_->add_option("--provider", provider_, "one provider's bills: aws, gcp, azure or as in the bill")
      ->needs(month)
      ->type_name("NAME");
  command_->add_option("--billing-account", billing_account_, "one billing account's")->needs(month)->type_name("ID");
  command_->add_option("--currency", currency_, "where there are several")->needs(month)->type_name("CODE");
  auto* total =
      command_->add_option("--total", total_, "what the invoice says in all")->needs(month)->type_name("AMOUNT");
  command_->add_option("--invoice", files_, "the invoice's lines, or a bill")
      ->needs(month)
      ->excludes(total)
      ->type_name("FILE");
  command_->add_flag("--json", json_, "print the result as one JSON object")->needs(month);
}

ExitCode ReconcileCommand::run() {
  ReconcileRequest request;
  request.customer = customer_;
  request.bill = {provider_, billing_account_, {}, currency_};
  request.files = files_;
  if (!month_.empty()) {
    const auto day = base::parse_day(month_ + "-01");
    if (!day)
      return refuse({base::ErrorKind::invalid, fmt::format("--month: '{}' is no month such as 2025-01", month_)});
    request.bill.billing_period = *day;
    if (total_.empty() && files_.empty())
      return refuse({base::ErrorKind::invalid, "there is nothing to compare with: give --total or --invoice"});
  }
  if (!total_.empty()) {
    const auto total = base::Decimal::parse(total_);
    if (!total) return refuse({base::ErrorKind::invalid, "--total: " + total.error().message});
    request.total = *total;
  }
  const auto store = open_store(database_);
  if (!store) return refuse(store.error());
  if (month_.empty()) {
    const auto bills = (*store)->facts().bills(customer_, kMostBills);
    if (!bills) return refuse(bills.error());
    print_bills(*bills);
    return ExitCode::done;
  }
  const auto report = reconcile((*store)->facts(), request);
  if (!report) return refuse(report.error());
  if (json_) {
    std::cout << json_text(*report) << "\n";
  } else {
    print_report(*report);
  }
  return report->agrees() ? ExitCode::done : ExitCode::in_part;
}

}  // namespace costagent
