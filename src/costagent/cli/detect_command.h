// `costagent detect`: scores a series of values as it comes.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "costagent/cli/exit_code.h"

namespace costagent {

class DetectCommand {
 public:
  // Adds the subcommand; `app` must outlive it.
  explicit DetectCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }

  // Reads from the file, or from standard input, and writes to standard output. Rows that can't be read are listed on
  // standard error and left out.
  ExitCode run();

 private:
  CLI::App* command_;
  std::string csv_;
};

}  // namespace costagent
