// What stands on the command line of `loadlab run`, and the plan that it comes to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadlab/plan/plan.h"

namespace loadlab {

// As they stand on the command line; what each means is said where it is added.
struct RunOptions {
  std::string what;
  std::optional<int> users;
  std::optional<std::string> rate;
  std::optional<std::string> duration;
  std::optional<std::string> ramp_up;
  std::optional<std::string> arrivals;
  std::optional<std::string> method;
  std::optional<std::string> body;
  bool no_keep_alive = false;
  std::vector<std::string> headers;
  std::vector<std::string> thresholds;
  std::optional<int> threads;
  std::string target;
  std::vector<std::string> watch;
  std::optional<std::string> watch_interval;
  std::vector<std::string> only;
  std::vector<std::string> except;
  bool list = false;
  int again = 0;
  std::vector<std::string> variables;
  std::string json;
  std::string html;
  std::string hlog;
  std::string markdown;
  std::string history;
  std::string commit;
  bool insecure = false;
  std::string ca_file;
  std::string certificate;
  std::string key;
  bool quiet = false;
  bool no_colour = false;

  bool is_url() const { return what.find("://") != std::string::npos || what.starts_with("unix:"); }
};

// The plan of the file or URL, with what the options say in place of its own. Fails with `invalid` on options that
// don't suit it, and as reading a plan does.
base::Result<Plan> plan_of(const RunOptions& options);

// Fails with `invalid`, naming both, where two of the outputs are one file, by whatever names, or both standard output:
// the last to be written would be all that is left. A device may be named often.
base::Result<> check_outputs(const RunOptions& options);

}  // namespace loadlab
