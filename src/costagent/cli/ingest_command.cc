#include "costagent/cli/ingest_command.h"

#include <boost/json.hpp>
#include <cstdio>
#include <iostream>

#include "costagent/cli/database_option.h"
#include "costagent/cli/terminal.h"
#include "costagent/domain/customer.h"
#include "costagent/service/ingest.h"
#include "costagent/service/ingest_json.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent ingest --database sqlite:costs.db --customer acme bills/2025-*.csv --utilisation utilisation.csv

A file is a FOCUS export (1.0 to 1.4; Cost and Usage or Contract Commitment), an AWS Cost and Usage Report, an Azure cost export, a Google Cloud billing export
or a Vultr invoice, packed or not: its contents tell which, not its name (docs/bills.md). A provider's manifest stands for
the files that it lists, and a folder for its manifests, or else for all bills in it. A file that was taken in before, under whatever
name, counts nothing.

Providers deliver a month anew while it lasts. Files of one command belong together: where they cover all days that were
there of a provider, billing account and billing period, they take their place, and other days come beside them. Where
they cover a part of these days, --replace or --add must say what they are. Either all files are taken in or none. Lines that can't be read are told with file, line and column; the others are kept.

Exit codes: 0 all taken in, 1 in part: some lines were rejected, 2 the arguments or a file are wrong, 3 it could not be done.
)";

std::string json_text(const IngestReport& report) { return boost::json::serialize(json_of(report)); }

void print_others(const char* what, const IngestReport::Others& others) {
  if (others.taken + others.duplicates + others.rejected == 0) return;
  fmt::print("{} {} taken in, {} duplicates, {} rejected\n", with_commas(others.taken), what,
             with_commas(others.duplicates), with_commas(others.rejected));
}

// Amounts of different currencies have no sum.
void print_costs(const std::map<std::string, IngestReport::Sum>& totals) {
  if (totals.empty()) fmt::print("billed cost 0, effective cost 0\n");
  for (const auto& [currency, sum] : totals) {
    fmt::print("billed cost {}, effective cost {}{}\n", sum.billed.to_string(), sum.effective.to_string(),
               totals.size() > 1 ? " (" + currency + ")" : std::string());
  }
}

void print_for_people(const IngestReport& report) {
  for (const std::string& note : report.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  fmt::print("{} charges taken in, {} duplicates, {} rejected\n", with_commas(report.charges),
             with_commas(report.duplicates), with_commas(report.rejected));
  print_costs(report.totals);
  print_others("hours of utilisation", report.utilisation);
  print_others("contract commitments", report.commitments);
}

void print_problems(const IngestReport& report) {
  for (const std::string& problem : report.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  const std::uint64_t rejected = report.rejected + report.utilisation.rejected + report.commitments.rejected;
  if (rejected > report.problems.size()) {
    fmt::print(stderr, "… and {} more rejected lines\n", with_commas(rejected - report.problems.size()));
  }
}

}  // namespace

IngestCommand::IngestCommand(CLI::App& app) : command_(app.add_subcommand("ingest", "Take bills into a database")) {
  command_->footer(kFooter);
  add_database_option(*command_, database_, "where to");
  command_->add_option("--customer", customer_, "whose bills they are: letters, digits, '.', '_' or '-'")
      ->required()
      ->type_name("ID");
  command_->add_option("files", files_, "bills, manifests, or folders of them")->type_name("FILE");
  command_->add_option("--utilisation", utilisation_, "hourly utilisation of resources (CSV); may be given again")
      ->type_name("FILE")
      ->allow_extra_args(false);  // one file each time it is given: what follows is a bill
  auto* replace =
      command_->add_flag("--replace", replace_, "replace the months that are there and share a day with these files");
  command_->add_flag("--add", add_, "add to the months that are there already")->excludes(replace);
  command_->add_flag("--json", json_, "print the result as one JSON object");
}

ExitCode IngestCommand::run() {
  if (const auto good = check_customer(customer_); !good) return refuse(good.error());
  std::vector<std::string> files = files_;
  files.insert(files.end(), utilisation_.begin(), utilisation_.end());
  if (files.empty()) return refuse({base::ErrorKind::invalid, "there is nothing to take in: name one or more files"});
  const auto store = open_store(database_);
  if (!store) return refuse(store.error());

  const Delivery delivery{customer_, add_ ? Restatement::add : replace_ ? Restatement::replace : Restatement::by_days};
  const auto report = ingest_files((*store)->facts(), delivery, files, [](const IngestStep& step) {
    draw_progress(fmt::format("file {} of {}: {} {:.0f} %", step.file + 1, step.files, step.path, 100 * step.share));
    return true;
  });
  draw_progress("");
  if (!report) {
    const ExitCode code = refuse(report.error());
    if (files.size() > 1) std::fprintf(stderr, "costagent: nothing of what was named was taken in\n");
    return code;
  }
  print_problems(*report);
  if (json_) {
    std::cout << json_text(*report) << "\n";
  } else {
    print_for_people(*report);
  }
  return report->all_read() ? ExitCode::done : ExitCode::in_part;
}

}  // namespace costagent
