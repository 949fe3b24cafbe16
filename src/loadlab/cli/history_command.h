// `loadlab history`: which runs are remembered.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "loadlab/cli/exit_code.h"
#include "loadlab/history/history.h"

namespace loadlab {

class HistoryCommand {
 public:
  // Adds the subcommand and its options to the program's; `app` must outlive it.
  explicit HistoryCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }

  ExitCode run() const;

 private:
  CLI::App* command_;
  std::string history_;
  History::Filter filter_;
  std::int64_t summary_ = 0;
  bool json_ = false;
};

}  // namespace loadlab
