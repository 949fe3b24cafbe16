// loadlab's command line: wires the commands and turns what came of them into an exit code.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>

#include "base/wrong_arguments.h"
#include "loadlab/cli/changepoints_command.h"
#include "loadlab/cli/compare_command.h"
#include "loadlab/cli/doctor_command.h"
#include "loadlab/cli/history_command.h"
#include "loadlab/cli/run_command.h"
#include "loadlab/cli/serve_command.h"
#include "loadlab/result/version.h"

namespace {

// Where the standard streams are closed, the next files that are opened would be written to in their place.
void keep_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

}  // namespace

int main(int argc, char** argv) {
  using loadlab::ExitCode;
  keep_standard_streams();
  // A report or a history that may not grow any more (ulimit -f) is then an error of that write, as on a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("loadlab loads a service, watches it, and judges what it saw.", "loadlab");
  app.set_version_flag("--version", std::string("loadlab ") + loadlab::kVersion);
  app.require_subcommand(1);
  app.failure_message(base::wrong_arguments);
  app.get_formatter()->column_width(36);
  loadlab::RunCommand run(app);
  const loadlab::DoctorCommand doctor(app);
  const loadlab::HistoryCommand history(app);
  const loadlab::CompareCommand compare(app, loadlab::CompareCommand::Kind::compare);
  const loadlab::CompareCommand gate(app, loadlab::CompareCommand::Kind::gate);
  const loadlab::ServeCommand serve(app);
  const loadlab::ChangepointsCommand changepoints(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int parsed = app.exit(error);
    return parsed == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const auto chosen = [&] {
    if (doctor.chosen()) return doctor.run();
    if (history.chosen()) return history.run();
    if (compare.chosen()) return compare.run();
    if (gate.chosen()) return gate.run();
    if (serve.chosen()) return serve.run();
    if (changepoints.chosen()) return changepoints.run();
    return run.run();
  };
  return static_cast<int>(chosen());
}
