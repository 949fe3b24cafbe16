#include "loadlab/cli/compare_command.h"

#include <algorithm>
#include <cstdio>

#include "loadlab/cli/history_option.h"
#include "loadlab/report/history_text.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostEarlier = 50;

constexpr const char* kCompareFooter = R"(
Every figure of every test gets the difference, the interval that surely holds it, the smallest difference that this
comparison would have seen, and better, same, worse or can't tell. All of a comparison together errs in one of twenty
cases at most. Earlier runs are those of the same suite that ended on a machine like this one.

Examples:
  loadlab compare                 the last run against the five before it
  loadlab compare 12 9            run 12 against run 9
  loadlab compare 12 --last 10    run 12 against the ten before it: how they differ among themselves is taken in

Exit codes: 0 done, 2 the arguments are wrong, 3 there is no such run.
)";

constexpr const char* kGateFooter = R"text(
For a pipeline: plays nothing, judges the last run in a history by those before it.

Examples:
  loadlab run plan.yaml --history runs.db --commit "$(git rev-parse HEAD)" && loadlab gate --history runs.db
  loadlab gate --history runs.db --base 9       by the run that was released

Exit codes: 0 nothing is surely worse, or there is nothing to compare with yet; 1 something is; 2 the arguments are
wrong; 3 there is no such run, or it has not ended; 4 it is untrusted.
)text";

base::Result<RunRecord> find(History& history, std::int64_t id) {
  auto run = history.run(id, true);
  if (!run) return base::pass_on(run);
  if (!*run) return base::fail(base::ErrorKind::not_found, "there is no run {}; `loadlab history` lists them", id);
  return std::move(**run);
}

}  // namespace

CompareCommand::CompareCommand(CLI::App& app, Kind kind)
    : kind_(kind),
      command_(kind == Kind::compare ? app.add_subcommand("compare", "Compare a run with earlier ones")
                                     : app.add_subcommand("gate", "Fail if a run is worse than earlier ones")) {
  command_->footer(kind == Kind::compare ? kCompareFooter : kGateFooter);
  add_history_option(*command_, history_);
  const CLI::Range ids(1, 1'000'000'000);
  command_->add_option("run", run_, "which run (the last one)")->type_name("RUN")->check(ids);
  auto* base = command_->add_option(kind == Kind::compare ? "base,--base" : "--base", base_, "compared with this one")
                   ->type_name("BASE")
                   ->check(ids);
  command_->add_option("--last", last_, "compared with so many before it")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMostEarlier))
      ->capture_default_str()
      ->excludes(base);
  command_->add_option("--tolerance", tolerance_, "percent: what surely differs by less is the same")
      ->type_name("P")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command_->add_flag("--json", json_, "for programs: one JSON object, schema loadlab.comparison/1");
}

base::Result<RunRecord> CompareCommand::wanted(History& history) const {
  if (run_ > 0) return find(history, run_);
  const auto newest = history.runs({"", 1, 0});
  if (!newest) return base::pass_on(newest);
  if (newest->empty()) return base::fail(base::ErrorKind::not_found, "no run is remembered in {} yet", history_);
  return find(history, newest->front().id);
}

base::Result<std::vector<RunRecord>> CompareCommand::earlier(History& history, const RunRecord& run) const {
  if (base_ == 0) return history.comparable(run, last_);
  auto one = find(history, base_);
  if (!one) return base::pass_on(one);
  return std::vector{std::move(*one)};
}

ExitCode CompareCommand::run() const {
  const auto refuse = [](const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return ExitCode::error;
  };
  static const base::SystemClock clock;
  auto history = History::open_existing(history_, clock);
  if (!history) return refuse(history.error());
  const auto run = wanted(*history);
  if (!run) return refuse(run.error());
  const auto before = earlier(*history, *run);
  if (!before) return refuse(before.error());
  if (kind_ == Kind::gate && (run->state != RunState::ended || run->verdict == Verdict::error)) {
    std::fprintf(stderr, "run %lld was not carried out to its end, so that it can't be judged\n",
                 static_cast<long long>(run->id));
    return ExitCode::error;
  }
  if (before->empty()) {
    std::fprintf(stderr,
                 "run %lld has nothing to be compared with: no earlier run of '%s' ended on a machine like this\n",
                 static_cast<long long>(run->id), run->suite.c_str());
    return ExitCode::pass;
  }
  ComparisonOptions options;
  options.tolerance = tolerance_ / 100;
  const RunComparison comparison = compare(*run, *before, options);
  std::fputs((json_ ? comparison_json(*run, *before, comparison)
                    : comparison_text(*run, *before, comparison, kind_ == Kind::gate))
                 .c_str(),
             stdout);
  if (kind_ == Kind::compare) return ExitCode::pass;
  if (run->verdict == Verdict::untrusted) return ExitCode::untrusted;
  return comparison.any(Change::worse) ? ExitCode::fail : ExitCode::pass;
}

}  // namespace loadlab
