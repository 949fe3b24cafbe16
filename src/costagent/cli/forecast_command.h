// `costagent forecast`: what comes next in a series of values.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "costagent/cli/exit_code.h"

namespace costagent {

class ForecastCommand {
 public:
  // Adds the subcommand; `app` must outlive it.
  explicit ForecastCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  ExitCode run();

 private:
  CLI::App* command_;
  std::string file_;
  std::size_t horizon_ = 30;
};

}  // namespace costagent
