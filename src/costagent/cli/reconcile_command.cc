#include "costagent/cli/reconcile_command.h"

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>

#include "costagent/cli/database_option.h"
#include "costagent/cli/terminal.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent reconcile --database sqlite:costs.db --customer acme                          # which bills are there
  costagent reconcile --database sqlite:costs.db --customer acme --month 2025-01          # those of a month
  costagent reconcile --database sqlite:costs.db --customer acme --month 2025-01 --provider aws --total 1234.56
  costagent reconcile --database sqlite:costs.db --customer acme --month 2025-01 --invoice invoice.csv

Compares the billed cost of a billing period with an invoice's total or with its lines: CSV with the columns service, cost
and perhaps date, or a bill in any of the forms that `costagent ingest` takes. A total agrees if what is here, rounded to
as many decimals as it was given with (and to the currency's cents at least), is the same; with --exact, to the last
digit, as lines always are. Differences are named by service and day; of a total alone, what is exactly the difference.

Exit codes: 0 they agree, 1 they differ, 2 the arguments or a file are wrong, 3 it could not be done.
)";

std::string month_text(base::Day day) { return base::format_day(day).substr(0, 7); }

std::string name_of_bill(const Bill& bill) {
  return bill.billing_account.empty() ? bill.provider : bill.provider + " " + bill.billing_account;
}

// Of the same bill, though in another currency.
bool same_bill(const Bill& a, const Bill& b) {
  return a.billing_period == b.billing_period && a.provider == b.provider && a.billing_account == b.billing_account;
}

// A bill in several currencies has a row for each. Its charges are counted together, so the first row has their number.
void print_bills(const std::vector<Bill>& bills) {
  const auto widest = [&](std::string_view title, std::size_t least, const auto& text) {
    std::size_t width = std::max(title.size(), least);
    for (const Bill& bill : bills) width = std::max(width, text(bill).size());
    return width;
  };
  const auto billed = [](const Bill& bill) { return bill.costs.billed.to_string() + " " + bill.currency; };
  const auto effective = [](const Bill& bill) { return bill.costs.effective.to_string() + " " + bill.currency; };
  const std::size_t name_width = widest("bill", 40, name_of_bill);
  const std::size_t billed_width = widest("billed cost", 24, billed);
  const std::size_t effective_width = widest("effective cost", 24, effective);
  const auto print = [&](std::string_view month, std::string_view name, std::string_view charges, std::string_view cost,
                         std::string_view amortised) {
    fmt::print("{:<8} {:<{}} {:>12} {:>{}} {:>{}}\n", month, name, name_width, charges, cost, billed_width, amortised,
               effective_width);
  };
  print("month", "bill", "charges", "billed cost", "effective cost");
  bool several = false;
  for (std::size_t i = 0; i < bills.size(); ++i) {
    const bool again = i > 0 && same_bill(bills[i - 1], bills[i]);
    several = several || again;
    print(month_text(bills[i].billing_period), name_of_bill(bills[i]),
          again ? "\"" : with_commas(static_cast<std::uint64_t>(bills[i].rows)), billed(bills[i]), effective(bills[i]));
  }
  if (several) fmt::print("(\": a bill in several currencies, whose charges are counted on its first row)\n");
}

std::string json_text(const std::vector<Bill>& bills) {
  boost::json::array all;
  for (std::size_t i = 0; i < bills.size(); ++i) {
    const Bill& bill = bills[i];
    if (i == 0 || !same_bill(bills[i - 1], bill)) {
      all.push_back(boost::json::object{{"month", month_text(bill.billing_period)},
                                        {"provider", bill.provider},
                                        {"billing_account", bill.billing_account},
                                        {"charges", bill.rows},
                                        {"totals", boost::json::array()}});
    }
    all.back().as_object().at("totals").as_array().push_back(
        boost::json::object{{"currency", bill.currency},
                            {"billed_cost", bill.costs.billed.to_string()},
                            {"effective_cost", bill.costs.effective.to_string()}});
  }
  return boost::json::serialize(boost::json::object{{"bills", std::move(all)}});
}

// 20 USD above the invoice.
std::string difference_text(const ReconcileReport& report) {
  const base::Decimal difference = report.difference();
  return fmt::format("{} {} {} the invoice", (difference.is_negative() ? -difference : difference).to_string(),
                     report.currency, difference.is_negative() ? "below" : "above");
}

void print_agreement(const ReconcileReport& report) {
  if (report.difference().is_zero()) {
    fmt::print("they agree to the last digit\n");
  } else {
    fmt::print("they agree, rounded to {} decimals; to the last digit, the bill is {}\n", *report.places,
               difference_text(report));
  }
}

void print_report(const ReconcileReport& report) {
  for (const Bill& bill : report.bills)
    fmt::print("{}, {}: {} {}\n", name_of_bill(bill), month_text(bill.billing_period), bill.costs.billed.to_string(),
               bill.currency);
  fmt::print("the invoice says {} {}, here are {} {}\n", report.invoice.to_string(), report.currency,
             report.here.to_string(), report.currency);
  if (report.agrees()) return print_agreement(report);
  if (report.difference().is_zero()) {
    fmt::print("the totals are the same, but not what they are made of\n");
  } else {
    fmt::print("difference: the bill is {}\n", difference_text(report));
  }
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
                          {"exact", report.difference().is_zero() && report.differing == 0},
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
  add_database_option(*command_, database_, "where the bills are", false);
  command_->add_option("--customer", customer_, "whose bills they are")->required()->type_name("ID");
  auto* month = command_->add_option("--month", month_, "the billing period")->type_name("YYYY-MM");
  command_->add_option("--provider", provider_, "one provider's bills: aws, gcp, azure or as in the bill")
      ->type_name("NAME");
  command_->add_option("--billing-account", billing_account_, "one billing account's")->type_name("ID");
  command_->add_option("--currency", currency_, "where there are several")->type_name("CODE");
  auto* total =
      command_->add_option("--total", total_, "what the invoice says in all")->needs(month)->type_name("AMOUNT");
  command_->add_option("--invoice", files_, "the invoice's lines, or a bill")
      ->needs(month)
      ->excludes(total)
      ->type_name("FILE");
  command_->add_flag("--exact", exact_, "the total must agree to the last digit, not only rounded as it is")
      ->needs(total);
  command_->add_flag("--json", json_, "print the result as one JSON object");
}

base::Result<ReconcileRequest> ReconcileCommand::request() const {
  ReconcileRequest request;
  request.customer = customer_;
  request.bill = {provider_, billing_account_, {}, currency_};
  request.files = files_;
  if (!month_.empty()) {
    const auto day = base::parse_day(month_ + "-01");
    if (!day) return base::fail(base::ErrorKind::invalid, "--month: '{}' is no month such as 2025-01", month_);
    request.bill.billing_period = *day;
  }
  if (total_.empty()) return request;
  const auto total = base::Decimal::parse(total_);
  if (!total) return base::fail(base::ErrorKind::invalid, "--total: {}", total.error().message);
  request.total = *total;
  // One with an exponent was computed, and not rounded.
  if (exact_ || total_.find_first_of("eE") != std::string::npos) return request;
  const auto point = total_.find('.');
  request.places = point == std::string::npos ? 0 : static_cast<int>(total_.size() - point - 1);
  return request;
}

ExitCode ReconcileCommand::run() {
  const auto wanted = request();
  if (!wanted) return refuse(wanted.error());
  StoreOptions options;
  options.must_exist = true;
  const auto store = open_store(database_, options);
  if (!store) return refuse(store.error());
  if (total_.empty() && files_.empty()) {
    const auto bills = find_bills((*store)->facts(), customer_, wanted->bill);
    if (!bills) return refuse(bills.error());
    if (json_) {
      std::cout << json_text(*bills) << "\n";
    } else {
      print_bills(*bills);
    }
    return ExitCode::done;
  }
  const auto report = reconcile((*store)->facts(), *wanted);
  if (!report) return refuse(report.error());
  if (json_) {
    std::cout << json_text(*report) << "\n";
  } else {
    print_report(*report);
  }
  return report->agrees() ? ExitCode::done : ExitCode::in_part;
}

}  // namespace costagent
