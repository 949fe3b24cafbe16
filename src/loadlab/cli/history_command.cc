#include "loadlab/cli/history_command.h"

#include <cstdio>

#include "loadlab/cli/history_option.h"
#include "loadlab/report/history_text.h"

namespace loadlab {
namespace {

constexpr const char* kFooter = R"(
Examples:
  loadlab run plan.yaml --history runs.db          plays a plan and remembers the run
  loadlab history --history runs.db                which runs there are, the newest first
  loadlab history --history runs.db --summary 12   what --json wrote of run 12
  loadlab compare --history runs.db                the last run against those before

Histories are looked for where --history says, else where the environment's LOADLAB_HISTORY does, else in out/history.db
of the folder at hand, in which ./run keeps its runs.
Exit codes: 0 done, 2 the arguments are wrong, 3 there is no such history, or it can't be read.
)";

ExitCode refuse(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return ExitCode::error;
}

}  // namespace

HistoryCommand::HistoryCommand(CLI::App& app)
    : command_(app.add_subcommand("history", "List the runs that are remembered")) {
  command_->footer(kFooter);
  add_history_option(*command_, history_);
  command_->add_option("--suite", filter_.suite, "only runs of this suite")->type_name("NAME");
  command_->add_option("--limit", filter_.limit, "so many at most")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, History::kMostRuns))
      ->capture_default_str();
  command_->add_option("--before", filter_.before, "only runs with lower numbers, to page on")
      ->type_name("RUN")
      ->check(CLI::Range(1, 1'000'000'000));
  command_->add_option("--summary", summary_, "print this run's summary instead, as --json wrote it")
      ->type_name("RUN")
      ->check(CLI::Range(1, 1'000'000'000));
  command_->add_flag("--json", json_, "for programs");
}

ExitCode HistoryCommand::run() const {
  static const base::SystemClock clock;
  auto history = open_named_history(history_, clock);
  if (!history) return refuse(history.error());
  if (summary_ > 0) {
    const auto text = history->summary(summary_);
    if (!text) return refuse(text.error());
    if (text->empty()) {
      std::fprintf(stderr, "run %lld is not there, has not ended, or its summary was too long to be kept\n",
                   static_cast<long long>(summary_));
      return ExitCode::error;
    }
    std::fputs(text->c_str(), stdout);
    return ExitCode::pass;
  }
  const auto runs = history->runs(filter_);
  if (!runs) return refuse(runs.error());
  std::fputs((json_ ? runs_json(*runs) : runs_text(*runs)).c_str(), stdout);
  return ExitCode::pass;
}

}  // namespace loadlab
