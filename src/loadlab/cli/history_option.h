// --history, as every command that looks into one has it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/result.h"
#include "loadlab/history/history.h"

namespace loadlab {

// Where `./run` keeps its runs.
inline constexpr const char* kUsualHistory = "out/history.db";

// `path` must outlive the command.
void add_history_option(CLI::App& command, std::string& path);

// Opens the history that the option came to. Fails as History::open_existing does; where there is none, the message
// says how another is named. `clock` must outlive it.
base::Result<History> open_named_history(const std::string& path, const base::Clock& clock);

}  // namespace loadlab
