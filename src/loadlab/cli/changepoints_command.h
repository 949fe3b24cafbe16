// `loadlab changepoints`: where the level of a series of figures changed, one figure a run.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "loadlab/cli/exit_code.h"
#include "stats/change_points.h"

namespace loadlab {

class ChangepointsCommand {
 public:
  // Adds the subcommand and its options to the program's; `app` must outlive it.
  explicit ChangepointsCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }

  ExitCode run() const;

 private:
  CLI::App* command_;
  std::string csv_;
  std::string column_ = "value";
  stats::ChangePointOptions options_;
  bool explain_ = false;
};

}  // namespace loadlab
