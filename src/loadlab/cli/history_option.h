// --history, as every command that looks into one has it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace loadlab {

// Where `./run` keeps its runs.
inline constexpr const char* kUsualHistory = "out/history.db";

inline void add_history_option(CLI::App& command, std::string& path) {
  path = kUsualHistory;
  command.add_option("--history", path, "the file that remembers the runs")
      ->envname("LOADLAB_HISTORY")
      ->type_name("PATH")
      ->capture_default_str();
}

}  // namespace loadlab
