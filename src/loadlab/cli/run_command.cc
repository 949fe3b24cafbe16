#include "loadlab/cli/run_command.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "loadlab/cli/descriptor_limit.h"
#include "loadlab/cli/histogram_log_observer.h"
#include "loadlab/cli/history_observer.h"
#include "loadlab/cli/interrupt.h"
#include "loadlab/cli/output_file.h"
#include "loadlab/cli/progress.h"
#include "loadlab/cli/run_head.h"
#include "loadlab/cli/run_options.h"
#include "loadlab/cli/test_list.h"
#include "loadlab/judge/comparable.h"
#include "loadlab/report/html.h"
#include "loadlab/report/json.h"
#include "loadlab/report/markdown.h"
#include "loadlab/report/terminal.h"
#include "loadlab/session/suite.h"

namespace loadlab {

namespace {

constexpr const char* kExamples = R"(
Examples:
  loadlab run http://127.0.0.1:8080/health                    10 users for 10 seconds
  loadlab run http://127.0.0.1:8080/ --rate 500/s --duration 30s --html report.html
  loadlab run http://127.0.0.1:8080/orders -X POST -H 'Content-Type: application/json' --body '{"n":1}' \
      --users 50 --ramp-up 5s --threshold 'p95(response_time) < 200ms'
  loadlab run plan.yaml --json summary.json                   tests, journeys and thresholds from a file
  loadlab run https://127.0.0.1:8443/ --ca-file ca.pem --users 50
  loadlab run plan.yaml --only 'normal load' --target http://127.0.0.1:9000 -e customer=acme
  loadlab run suites/costagent --except slow --list            a folder's suite.yaml, with all that it includes

Exit codes: 0 pass, 1 a threshold was broken or the target leaks, 2 the plan or the arguments are wrong, 3 it could
not be carried out, 4 untrusted: the generator or the host bent the result. Ctrl-C ends the load and still reports; the run
then has not been carried out as planned (3).
)";

ExitCode refuse(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return ExitCode::usage;
}

}  // namespace

RunCommand::RunCommand(CLI::App& app)
    : command_(app.add_subcommand("run", "Put a load on a service and judge what comes of it")),
      options_(std::make_unique<RunOptions>()) {
  RunOptions& to = *options_;
  command_->footer(kExamples);
  command_
      ->add_option("what", to.what,
                   "a plan (YAML), a folder with a suite.yaml, or the URL to load: http://HOST:PORT/PATH, https://… or "
                   "unix:SOCKET:/PATH")
      ->required()
      ->type_name("PLAN|URL");

  const char* load = "Load on a bare URL";
  command_->add_option("--users", to.users, "closed model: so many users, each waiting for its answer (10)")
      ->type_name("N")
      ->group(load);
  command_->add_option("--rate", to.rate, "open model: so many requests a second, as in 500/s, answered or not")
      ->type_name("R")
      ->group(load);
  command_->add_option("--arrivals", to.arrivals, "of --rate: poisson (the default) or uniform")
      ->type_name("KIND")
      ->group(load);
  command_->add_option("--ramp-up", to.ramp_up, "time until all users are there, or the rate is reached (0s)")
      ->type_name("D")
      ->group(load);
  command_->add_option("-X,--request", to.method, "the method (GET; POST with --body)")
      ->type_name("METHOD")
      ->group(load);
  command_->add_option("-H,--header", to.headers, "a header, as in 'Accept: text/html'; may be given again")
      ->type_name("HEADER")
      ->group(load)
      ->allow_extra_args(false);
  command_->add_option("--body", to.body, "the body of each request")->type_name("TEXT")->group(load);
  command_->add_flag("--no-keep-alive", to.no_keep_alive, "each request on a connection of its own")->group(load);
  command_
      ->add_option("--threshold", to.thresholds,
                   "what must hold, as in 'p95(response_time) < 200ms'; may be given again (always with 'error_rate < "
                   "1%', unless "
                   "one is about error_rate)")
      ->type_name("EXPR")
      ->group(load)
      ->allow_extra_args(false);

  const char* any = "Any run";
  command_->add_option("--duration", to.duration, "how long each test takes, as in 30s or 2m (10s for a URL)")
      ->type_name("D")
      ->group(any);
  command_->add_option("--threads", to.threads, "worker threads of the generator (half of the cores)")
      ->type_name("T")
      ->group(any);
  command_
      ->add_option("--watch", to.watch,
                   "read this meanwhile: pid:N, port:N, name:X, command:…, machine, cgroup:PATH, postgresql:URL, "
                   "pgbouncer:URL, redis:URL, prometheus:URL; may be given again (by default who listens on a local "
                   "target's port)")
      ->type_name("THING")
      ->group(any)
      ->allow_extra_args(false);
  command_->add_option("--watch-interval", to.watch_interval, "how often, as in 500ms (1s)")
      ->type_name("D")
      ->group(any);

  command_->add_option("--ca-file", to.ca_file, "https: trust who these certificates vouch for (PEM; the system's)")
      ->type_name("FILE")
      ->group(any);
  command_->add_option("--cert", to.certificate, "https: the client's own certificate (PEM), with --key")
      ->type_name("FILE")
      ->group(any);
  command_->add_option("--key", to.key, "https: the key of --cert (PEM)")->type_name("FILE")->group(any);
  command_->add_flag("--insecure", to.insecure, "https: any certificate will do; the report says so")->group(any);

  const char* plan = "Of a plan";
  command_->add_option("--target", to.target, "load this instead of the plan's targets: http://HOST:PORT")
      ->type_name("URL")
      ->group(plan);
  command_
      ->add_option("--again", to.again,
                   "tests that are untrusted are played once more when all have been, so many times at most (0)")
      ->type_name("N")
      ->check(CLI::Range(0, 10));
  command_->add_option("--only", to.only, "only the tests of this name, tag or file; may be given again")
      ->type_name("NAME")
      ->group(plan)
      ->allow_extra_args(false);
  command_->add_option("--except", to.except, "all tests but those of this name, tag or file; may be given again")
      ->type_name("NAME")
      ->group(plan)
      ->allow_extra_args(false);
  command_->add_flag("--list", to.list, "say which tests there are, and how long they take, and play nothing")
      ->group(plan);

  command_
      ->add_option("-e,--variable", to.variables,
                   "a variable, as in customer=acme, in place of the plan's own value; may be given again")
      ->type_name("NAME=VALUE")
      ->group(plan)
      ->allow_extra_args(false);

  const char* output = "Output";
  command_->add_option("--json", to.json, "write the summary for programs; - is standard output")
      ->type_name("FILE")
      ->group(output);
  command_->add_option("--html", to.html, "write the report for people: one file, with plots over time")
      ->type_name("FILE")
      ->group(output);
  command_
      ->add_option("--markdown", to.markdown,
                   "write date, machine, commit and all thresholds as tables, for a file kept with the code")
      ->type_name("FILE")
      ->group(output);
  command_
      ->add_option("--hlog", to.hlog,
                   "write the histograms of every second, for HdrHistogram's tools: one line a second, test and time")
      ->type_name("FILE")
      ->group(output);
  command_
      ->add_option("--history", to.history,
                   "remember the run in this file, second by second, for loadlab history, compare and gate")
      ->envname("LOADLAB_HISTORY")
      ->type_name("PATH")
      ->group(output);
  command_
      ->add_option("--commit", to.commit,
                   "of --history and --markdown: which version is loaded, as in $(git rev-parse HEAD)")
      ->envname("LOADLAB_COMMIT")
      ->type_name("TEXT")
      ->group(output);
  command_->add_flag("--quiet", to.quiet, "no progress, only the result")->group(output);
  command_->add_flag("--no-color", to.no_colour, "no colours")->group(output);
}

RunCommand::~RunCommand() = default;

namespace {

base::Result<std::optional<OutputFile>> open_if_given(const std::string& path) {
  if (path.empty()) return std::optional<OutputFile>();
  auto file = OutputFile::open(path);
  if (!file) return base::pass_on(file);
  return std::optional<OutputFile>(std::move(*file));
}

base::Result<std::optional<History>> open_history(const std::string& path, const base::Clock& clock) {
  if (path.empty()) return std::optional<History>();
  auto history = History::open(path, clock);
  if (!history) return base::fail_field("history", "--history: {}", history.error().message);
  return std::optional<History>(std::move(*history));
}

// What stdio has kept until now may be what can't be written.
bool print(std::FILE* out, const std::string& text) {
  if (std::fputs(text.c_str(), out) >= 0 && std::fflush(out) == 0) return true;
  std::fprintf(stderr, "the result can't be printed: %s\n", std::strerror(errno));
  return false;
}

// Where something stands now; empty where nowhere, or before the reader's eyes.
std::string written_to(std::string_view what, const std::string& path, bool written) {
  return written && !path.empty() && path != "-" ? fmt::format("{}: {}\n", what, path) : "";
}

// True when it was written, or nothing was asked for.
bool write_if_given(std::optional<OutputFile>& file, const std::string& text) {
  if (!file) return true;
  const auto written = file->write(text);
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written.has_value();
}

}  // namespace

ExitCode RunCommand::run() {
  const RunOptions& options = *options_;
  if (const auto outputs = check_outputs(options); !outputs) return refuse(outputs.error());
  auto plan = plan_of(options);
  if (!plan) return refuse(plan.error());
  plan->again = options.again;
  if (options.list) return print(stdout, test_list(*plan)) ? ExitCode::pass : ExitCode::error;
  // Opened before the load, so that nobody waits an hour for a report that can't be written.
  auto json = open_if_given(options.json);
  if (!json) return refuse(json.error());
  auto html = open_if_given(options.html);
  if (!html) return refuse(html.error());
  auto markdown = open_if_given(options.markdown);
  if (!markdown) return refuse(markdown.error());
  auto hlog = open_if_given(options.hlog);
  if (!hlog) return refuse(hlog.error());

  const base::SystemClock clock;
  auto history = open_history(options.history, clock);
  if (!history) return refuse(history.error());

  raise_descriptor_limit();
  Progress progress(options.quiet);
  HistoryObserver remember(std::move(*history), head_of(options, *plan, clock), progress);
  HistogramLogObserver observer(std::move(*hlog), clock.utc(), remember);
  const RunResult result = play_suite(*plan, clock, catch_interrupts(), observer);

  const bool to_terminal = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  // Where the summary goes to standard output, the table makes way for it.
  std::FILE* out = options.json == "-" ? stderr : stdout;
  const TerminalStyle style{to_terminal && !options.no_colour, terminal_width(::fileno(out))};
  // Each is tried, whatever became of the others.
  const std::string summary = json_summary(result);
  const bool json_written = write_if_given(*json, summary);
  const bool html_written = !*html || write_if_given(*html, html_report(result));
  const bool markdown_written =
      write_if_given(*markdown, options.markdown.empty() ? "" : markdown_report(result, options.commit));
  const auto logged = observer.finish();
  if (!logged) std::fprintf(stderr, "%s\n", logged.error().message.c_str());
  const auto remembered = remember.finish(result, summary);
  if (!remembered) std::fprintf(stderr, "%s\n", remembered.error().message.c_str());
  std::string report = terminal_report(result, style);
  if (remembered && *remembered > 0) {
    report += fmt::format("remembered as run {} in {}\n", *remembered, options.history);
    if (const std::string why = too_short_to_compare(result); !why.empty()) report += why + "\n";
  }
  report += written_to("report", options.html, html_written) + written_to("summary", options.json, json_written) +
            written_to("tables", options.markdown, markdown_written) +
            written_to("histograms", options.hlog, logged.has_value());
  const bool printed = print(out, report);
  const bool all_written = html_written && json_written && markdown_written && logged && remembered && printed;
  return all_written ? exit_code(result.verdict) : ExitCode::error;
}

}  // namespace loadlab
