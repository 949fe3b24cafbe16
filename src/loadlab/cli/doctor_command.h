// `loadlab doctor`: is this machine fit for a load?
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

#include "loadlab/cli/exit_code.h"

namespace loadlab {

class DoctorCommand {
 public:
  // Adds the subcommand and its options to the program's; `app` must outlive it.
  explicit DoctorCommand(CLI::App& app);

  // It was this command that was given.
  bool chosen() const { return command_->parsed(); }

  // Pass, or fail where something would bend results.
  ExitCode run() const;

 private:
  CLI::App* command_;
  std::optional<int> users_;
  std::optional<std::string> rate_;
  bool json_ = false;
};

}  // namespace loadlab
