// `loadlab serve`: a page with the runs that are remembered, their trends, and the one that is being played.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "loadlab/cli/exit_code.h"

namespace loadlab {

class ServeCommand {
 public:
  // Adds the subcommand and its options to the program's; `app` must outlive it.
  explicit ServeCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }

  // Until it is interrupted.
  ExitCode run() const;

 private:
  CLI::App* command_;
  std::string history_;
  std::string listen_ = "127.0.0.1:8090";
};

}  // namespace loadlab
