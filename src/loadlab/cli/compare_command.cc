#include "loadlab/cli/compare_command.h"

#include <algorithm>
#include <cstdio>

#include "base/printable.h"
#include "loadlab/cli/history_option.h"
#include "loadlab/cli/number_range.h"
#include "loadlab/report/history_text.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostEarlier = 50;
constexpr std::size_t kPage = 50;

constexpr const char* kCompareFooter = R"(
Of each test its figures, of each step its p95 and error rate, of benchmarks and points of sweeps their medians: each
gets the difference, its 95 % confidence interval, the smallest difference that this comparison could have detected, and
better, same, worse or can't tell. All of a comparison together errs in one of twenty cases at most. Earlier runs
are, for each test, those of the same suite that had it with the same load and ended on a machine like this one.

Examples:
  loadlab compare                 the last run against the five before it
  loadlab compare --suite shop    the last one of that suite
  loadlab compare 12 9            run 12 against run 9, whatever their loads were
  loadlab compare 12 --last 10    run 12 against the ten before it: how they differ among themselves is taken in

Exit codes: 0 done, 2 the arguments are wrong, 3 there is no such run.
)";

constexpr const char* kGateFooter = R"text(
For a pipeline: plays nothing, judges the last run in a history by those before it. What was not judged is told.

Examples:
  loadlab run plan.yaml --history runs.db --commit "$(git rev-parse HEAD)" && loadlab gate --history runs.db
  loadlab gate --history runs.db --base 9       by the run that was released
  loadlab gate --history runs.db --suite shop   the last run of that suite, where a history has several

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
  auto* run = command_->add_option("run", run_, "which run (the last one)")->type_name("RUN")->check(ids);
  command_->add_option("--suite", suite_, "the last run of this suite (of any)")->type_name("NAME")->excludes(run);
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
      ->check(number_between(0, 100))
      ->capture_default_str();
  command_->add_flag("--json", json_, "for programs: one JSON object, schema loadlab.comparison/1");
}

// One that is being played has no verdict yet, and is passed over; one that was killed is not: it was to be judged.
base::Result<RunRecord> CompareCommand::wanted(History& history) const {
  if (run_ > 0) return find(history, run_);
  std::int64_t before = 0;
  while (true) {
    const auto page = history.runs({suite_, kPage, before});
    if (!page) return base::pass_on(page);
    for (const RunRecord& one : *page) {
      if (one.state != RunState::playing) return find(history, one.id);
      std::fprintf(stderr, "run %lld is being played; it is passed over\n", static_cast<long long>(one.id));
    }
    if (page->size() < kPage) break;
    before = page->back().id;
  }
  return base::fail(base::ErrorKind::not_found, "no run{} that has ended is remembered in {} yet",
                    suite_.empty() ? "" : fmt::format(" of '{}'", suite_), history_);
}

base::Result<Baseline> CompareCommand::earlier(History& history, const RunRecord& run) const {
  if (base_ == 0) return history.comparable(run, last_);
  auto one = find(history, base_);
  if (!one) return base::pass_on(one);
  Baseline baseline;
  baseline.runs.push_back(std::move(*one));
  return baseline;
}

void CompareCommand::print(const RunRecord& run, const Baseline& baseline, const RunComparison& comparison) const {
  // For people the notes and the sentence below are enough.
  if (json_) {
    std::fputs(comparison_json(run, baseline.runs, comparison).c_str(), stdout);
  } else if (!baseline.runs.empty()) {
    std::fputs(comparison_text(run, baseline.runs, comparison, kind_ == Kind::gate).c_str(), stdout);
  } else {
    for (const std::string& note : comparison.notes) std::printf("note: %s\n", base::printable(note).c_str());
  }
  if (baseline.runs.empty()) {
    std::fprintf(stderr,
                 "run %lld has nothing to be compared with: no earlier run of '%s' ended on a machine like this with "
                 "the same load\n",
                 static_cast<long long>(run.id), base::printable(run.suite).c_str());
  }
  if (kind_ == Kind::gate && comparison.figures.empty()) {
    std::fprintf(stderr, "NOTHING WAS JUDGED: of run %lld no figure could be compared\n",
                 static_cast<long long>(run.id));
  }
}

ExitCode CompareCommand::run() const {
  const auto refuse = [](const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return ExitCode::error;
  };
  static const base::SystemClock clock;
  auto history = open_named_history(history_, clock);
  if (!history) return refuse(history.error());
  const auto run = wanted(*history);
  if (!run) return refuse(run.error());
  const auto baseline = earlier(*history, *run);
  if (!baseline) return refuse(baseline.error());
  if (kind_ == Kind::gate && (run->state != RunState::ended || run->verdict == Verdict::error)) {
    std::fprintf(stderr, "run %lld was not carried out to its end, so that it can't be judged\n",
                 static_cast<long long>(run->id));
    return ExitCode::error;
  }
  ComparisonOptions options;
  options.tolerance = tolerance_ / 100;
  const RunComparison comparison = compare(*run, *baseline, options);
  print(*run, *baseline, comparison);
  if (kind_ == Kind::compare) return ExitCode::pass;
  if (run->verdict == Verdict::untrusted) return ExitCode::untrusted;
  return comparison.any(Change::worse) ? ExitCode::fail : ExitCode::pass;
}

}  // namespace loadlab
