// `costagent sample`: writes bills to try the agent with.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "costagent/cli/exit_code.h"
#include "costagent/sample/sample.h"

namespace costagent {

class SampleCommand {
 public:
  // Adds the subcommand; `app` must outlive it.
  explicit SampleCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  ExitCode run();

 private:
  CLI::App* command_;
  SampleOptions options_;
  std::string out_;
  std::string last_day_;
};

}  // namespace costagent
