// `costagent ingest`: takes bills and utilisation into a database.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "costagent/cli/exit_code.h"

namespace costagent {

class IngestCommand {
 public:
  // Adds the subcommand; `app` must outlive it.
  explicit IngestCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  ExitCode run();

 private:
  CLI::App* command_;
  std::string database_;
  std::string customer_;
  std::vector<std::string> files_;
  std::vector<std::string> utilisation_;
  bool replace_ = false;
  bool add_ = false;
  bool json_ = false;
};

}  // namespace costagent
