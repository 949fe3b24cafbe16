#include "costagent/cli/sample_command.h"

#include <fmt/format.h>

#include "costagent/cli/terminal.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent sample --out bills --days 365
  costagent ingest --database sqlite:costs.db --customer customer-1 bills/customer-1/20*.csv \
      --utilisation bills/customer-1/utilisation.csv

Writes OUT/customer-N/YYYY-MM.csv (FOCUS 1.2 charges of AWS, Google Cloud and Azure), OUT/customer-N/utilisation.csv, and
OUT/truth.json: the anomalies, the idle and oversized resources and the rest that was planted. The same options give the
same bytes.

Exit codes: 0 done, 2 the arguments are wrong or OUT holds other things, 3 it could not be written.
)";

}  // namespace

SampleCommand::SampleCommand(CLI::App& app)
    : command_(app.add_subcommand("sample", "Write believable bills to try the agent with")),
      last_day_(base::format_day(options_.end - std::chrono::days(1))) {
  command_->footer(kFooter);
  command_->add_option("--out", out_, "the folder to write into; made where there is none")
      ->required()
      ->type_name("DIR");
  command_->add_option("--seed", options_.seed, "another number is another sample")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command_->add_option("--days", options_.days, "how many days, up to 3660")->type_name("D")->capture_default_str();
  command_->add_option("--customers", options_.customers, "how many customers, up to 1000")
      ->type_name("C")
      ->capture_default_str();
  command_->add_option("--resources", options_.resources, "resources of each, up to 10000")
      ->type_name("R")
      ->capture_default_str();
  command_->add_option("--last-day", last_day_, "the last day, YYYY-MM-DD")->type_name("DAY")->capture_default_str();
  command_->add_flag("--force", options_.force, "write even if the folder holds other things");
}

ExitCode SampleCommand::run() {
  options_.out = out_;
  const auto last_day = base::parse_day(last_day_);
  if (!last_day) return refuse({base::ErrorKind::invalid, "--last-day: " + last_day.error().message});
  options_.end = *last_day + std::chrono::days(1);
  const auto report = write_sample(
      options_, [this](int done) { draw_progress(fmt::format("customer {} of {}", done, options_.customers)); });
  draw_progress("");
  if (!report) return refuse(report.error());
  fmt::print("{} charges and {} hours of utilisation in {} files below {}\n", with_commas(report->charges),
             with_commas(report->utilisation_samples), report->files, out_);
  return ExitCode::done;
}

}  // namespace costagent
