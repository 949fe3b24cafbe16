#include "costagent/cli/ingest_command.h"

#include <boost/json.hpp>
#include <cstdio>
#include <iostream>

#include "costagent/cli/terminal.h"
#include "costagent/domain/customer.h"
#include "costagent/service/ingest.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent ingest --database sqlite:costs.db --customer acme bills/2025-*.csv --utilisation utilisation.csv

A file is FOCUS CSV, version 1.0 to 1.4, gzip or not. A file that was taken in before, under whatever name, counts nothing.
Lines that can't be read are told with file, line and column; the others are kept.

Exit codes: 0 all taken in, 1 in part: some lines were rejected, 2 the arguments or a file are wrong, 3 it could not be done.
)";

std::string json_text(const IngestReport& report) {
  return boost::json::serialize(boost::json::object{{"charges", report.charges},
                                                    {"duplicates", report.duplicates},
                                                    {"rejected", report.rejected},
                                                    {"billed_cost", report.billed_cost.to_string()},
                                                    {"effective_cost", report.effective_cost.to_string()}});
}

void print_for_people(const IngestReport& bills, const IngestReport& utilisation) {
  fmt::print("{} charges taken in, {} duplicates, {} rejected\n", with_commas(bills.charges),
             with_commas(bills.duplicates), with_commas(bills.rejected));
  fmt::print("billed cost {}, effective cost {}\n", bills.billed_cost.to_string(), bills.effective_cost.to_string());
  if (utilisation.charges + utilisation.duplicates + utilisation.rejected == 0) return;
  fmt::print("{} hours of utilisation taken in, {} duplicates, {} rejected\n", with_commas(utilisation.charges),
             with_commas(utilisation.duplicates), with_commas(utilisation.rejected));
}

void print_problems(const IngestReport& report) {
  for (const std::string& problem : report.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  if (report.rejected > report.problems.size()) {
    fmt::print(stderr, "… and {} more rejected lines\n", with_commas(report.rejected - report.problems.size()));
  }
}

}  // namespace

IngestCommand::IngestCommand(CLI::App& app) : command_(app.add_subcommand("ingest", "Take bills into a database")) {
  command_->footer(kFooter);
  command_->add_option("--database", database_, "where to: sqlite:PATH; the file is made where there is none")
      ->required()
      ->type_name("URL");
  command_->add_option("--customer", customer_, "whose bills they are: letters, digits, '.', '_' or '-'")
      ->required()
      ->type_name("ID");
  command_->add_option("files", files_, "bills: FOCUS files, CSV or gzip")->type_name("FILE");
  command_->add_option("--utilisation", utilisation_, "hourly utilisation of resources (CSV); may be given again")
      ->type_name("FILE")
      ->allow_extra_args(false);  // one file each time it is given: what follows is a bill
  command_->add_flag("--json", json_, "print the result as one JSON object");
}

ExitCode IngestCommand::run() {
  if (const auto good = check_customer(customer_); !good) return refuse(good.error());
  if (files_.empty() && utilisation_.empty()) {
    return refuse({base::ErrorKind::invalid, "there is nothing to take in: name one or more files"});
  }
  const auto store = open_store(database_);
  if (!store) return refuse(store.error());

  IngestReport bills;
  IngestReport utilisation;
  const std::size_t count = files_.size() + utilisation_.size();
  std::size_t number = 0;
  // Files that were taken in stay when a later one fails, and taking them in again does no harm; so the rest is left to
  // the next call.
  const auto take_in = [&](const std::string& file, auto ingest, IngestReport& total) -> base::Result<> {
    ++number;
    const auto report = ingest((*store)->facts(), customer_, file, [&](double share) {
      draw_progress(fmt::format("file {} of {}: {} {:.0f} %", number, count, file, 100 * share));
    });
    if (!report) return base::pass_on(report);
    total.add(*report);
    return {};
  };
  base::Result<> taken;
  for (std::size_t i = 0; i < files_.size() && taken; ++i) taken = take_in(files_[i], ingest_bill, bills);
  for (std::size_t i = 0; i < utilisation_.size() && taken; ++i)
    taken = take_in(utilisation_[i], ingest_utilisation, utilisation);
  draw_progress("");

  print_problems(bills);
  print_problems(utilisation);
  if (!taken && number == 1) return refuse(taken.error());
  if (json_) {
    std::cout << json_text(bills) << "\n";
  } else {
    print_for_people(bills, utilisation);
  }
  if (!taken) {
    const ExitCode code = refuse(taken.error());
    std::fprintf(stderr, "costagent: the files before it were taken in, those after it were not\n");
    return code;
  }
  return bills.rejected + utilisation.rejected > 0 ? ExitCode::in_part : ExitCode::done;
}

}  // namespace costagent
