// The options of `costagent serve` that say where bills come from.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace costagent {

struct CollectOptions {
  std::string root{};
  std::string spool{};           // empty: as `spool_folder` says
  std::string watch{};           // empty: none
  unsigned watch_interval = 10;  // seconds
  std::uint64_t max_upload = std::uint64_t{1} << 30;

  // Adds them; this must outlive the app.
  void add_to(CLI::App& command);

  // Beside SQLite's file, which lies on a disk for bills; else in the system's temporary folder, in one of this user's.
  std::string spool_folder(const std::string& database) const;
};

}  // namespace costagent
