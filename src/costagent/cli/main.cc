// costagent's command line: wires the commands and turns what came of them into an exit code.
#include <CLI/CLI.hpp>
#include <csignal>

#include "base/scarce_memory.h"
#include "base/wrong_arguments.h"
#include "costagent/cli/detect_command.h"
#include "costagent/cli/forecast_command.h"
#include "costagent/cli/ingest_command.h"
#include "costagent/cli/reconcile_command.h"
#include "costagent/cli/sample_command.h"
#include "costagent/cli/serve_command.h"
#include "costagent/cli/terminal.h"
#include "costagent/domain/version.h"

namespace {

constexpr const char* kFooter = R"(
Example:
  costagent sample --out bills --customers 1
  costagent ingest --database sqlite:costs.db --customer acme bills/customer-1/20*.csv \
      --utilisation bills/customer-1/utilisation.csv
  costagent reconcile --database sqlite:costs.db --customer acme
  costagent serve --database sqlite:costs.db
  costagent detect --csv metric.csv
  costagent forecast --csv costs.csv --horizon 30

Each command explains itself: costagent ingest --help

Exit codes: 0 done, 1 done in part, 2 the arguments or a file are wrong, 3 it could not be done.
)";

}  // namespace

int main(int argc, char** argv) {
  using costagent::ExitCode;
  // A file that may not grow any more (ulimit -f) is then an error of that write, as on a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  base::wait_for_memory();
  CLI::App app("costagent is a cloud cost agent: it takes bills in, finds what is unusual and what would save.",
               "costagent");
  app.set_version_flag("--version", std::string("costagent ") + costagent::kVersion);
  app.require_subcommand(1);
  app.failure_message(base::wrong_arguments);
  app.footer(kFooter);
  app.get_formatter()->column_width(32);
  costagent::SampleCommand sample(app);
  costagent::IngestCommand ingest(app);
  costagent::ReconcileCommand reconcile(app);
  costagent::ForecastCommand forecast(app);
  costagent::ServeCommand serve(app);
  costagent::DetectCommand detect(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int parsed = app.exit(error);
    return parsed == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const ExitCode code = sample.chosen()      ? sample.run()
                        : ingest.chosen()    ? ingest.run()
                        : reconcile.chosen() ? reconcile.run()
                        : detect.chosen()    ? detect.run()
                        : forecast.chosen()  ? forecast.run()
                                             : serve.run({argv, argv + argc});
  return static_cast<int>(costagent::printed() ? code : ExitCode::could_not);
}
