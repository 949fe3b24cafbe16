// `loadlab run`: plays a plan, or puts a load on a bare URL.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>

#include "loadlab/cli/exit_code.h"

namespace loadlab {

struct RunOptions;

class RunCommand {
 public:
  // Adds the subcommand and its options to the program's; `app` must outlive it.
  explicit RunCommand(CLI::App& app);
  ~RunCommand();

  // Carries it out, with the options as they were parsed.
  ExitCode run();

 private:
  CLI::App* command_;
  std::unique_ptr<RunOptions> options_;
};

}  // namespace loadlab
