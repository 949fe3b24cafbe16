// `costagent reconcile`: compares a month with an invoice.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "costagent/cli/exit_code.h"
#include "costagent/service/reconcile.h"

namespace costagent {

class ReconcileCommand {
 public:
  // Adds the subcommand; `app` must outlive it.
  explicit ReconcileCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  ExitCode run();

 private:
  base::Result<ReconcileRequest> request() const;
  CLI::App* command_;
  std::string database_;
  std::string customer_;
  std::string month_;
  std::string provider_;
  std::string billing_account_;
  std::string currency_;
  std::string total_;
  std::vector<std::string> files_;
  bool exact_ = false;
  bool json_ = false;
};

}  // namespace costagent
