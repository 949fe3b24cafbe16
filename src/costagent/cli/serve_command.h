// `costagent serve`: answers over HTTP until it is told to stop.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "costagent/api/server.h"
#include "costagent/cli/exit_code.h"

namespace costagent {

class ServeCommand {
 public:
  // Adds the subcommand; `app` must outlive it.
  explicit ServeCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  ExitCode run();

 private:
  CLI::App* command_;
  std::string listen_ = "127.0.0.1:8080";
  std::string database_;
  std::string collect_root_;
  ServerLimits limits_;
  double max_body_mb_ = 1;
  bool verbose_ = false;
};

}  // namespace costagent
