#include "loadlab/cli/history_option.h"

namespace loadlab {

void add_history_option(CLI::App& command, std::string& path) {
  path = kUsualHistory;
  command
      .add_option("--history", path,
                  "the file that remembers the runs; where neither this nor LOADLAB_HISTORY names one, that in which "
                  "./run keeps its runs, in the folder at hand")
      ->envname("LOADLAB_HISTORY")
      ->type_name("PATH")
      ->capture_default_str();
}

base::Result<History> open_named_history(const std::string& path, const base::Clock& clock) {
  auto history = History::open_existing(path, clock);
  if (!history && history.error().kind == base::ErrorKind::not_found) {
    return base::fail(base::ErrorKind::not_found, "{}; --history PATH, or LOADLAB_HISTORY=PATH, names another",
                      history.error().message);
  }
  return history;
}

}  // namespace loadlab
