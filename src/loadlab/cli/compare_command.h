// `loadlab compare` and `loadlab gate`: is a run better or worse than earlier ones?
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "loadlab/cli/exit_code.h"
#include "loadlab/history/history.h"
#include "loadlab/judge/comparison.h"

namespace loadlab {

class CompareCommand {
 public:
  enum class Kind {
    compare,  // tells all, and passes whatever came out
    gate,     // tells what changed, and fails where something is worse
  };

  // Adds the subcommand and its options to the program's; `app` must outlive it.
  CompareCommand(CLI::App& app, Kind kind);
  bool chosen() const { return command_->parsed(); }

  ExitCode run() const;

 private:
  base::Result<Baseline> earlier(History& history, const RunRecord& run) const;
  void print(const RunRecord& run, const Baseline& baseline, const RunComparison& comparison) const;
  base::Result<RunRecord> wanted(History& history) const;

  Kind kind_;
  CLI::App* command_;
  std::string history_;
  std::string suite_;      // of the last one; empty: any
  std::int64_t run_ = 0;   // 0: the last one
  std::int64_t base_ = 0;  // 0: the last few before it
  std::size_t last_ = 5;
  double tolerance_ = 2;  // percent
  bool json_ = false;
};

}  // namespace loadlab
