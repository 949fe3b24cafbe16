// What is remembered of the files in a watched folder: which were seen, and what became of each. It outlives processes,
// so that a file is told from one that was there before: what a bill is known by in fact_store.h, its digest, wouldn't
// do, as an older file that lies beside the one that replaced it is not known there any more.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace costagent {

// What changes whenever somebody writes a file, or puts another one in its place; times in nanoseconds since 1970.
struct FileStamp {
  std::int64_t size = 0;      // bytes
  std::int64_t modified = 0;  // its contents
  std::int64_t changed = 0;   // anything of it, its name and rights included
  bool operator==(const FileStamp&) const = default;
};

enum class WatchedState {
  fresh,   // seen once like this: somebody may be writing it
  still,   // seen twice like this, and to be taken in
  taken,   // its contents were delivered
  passed,  // no bill's business: an export's file that no newest manifest lists
  failed,  // it is no bill, or was refused, or its job was cancelled; left alone until it changes
  gone,    // taken once, and not there any more
};
inline constexpr auto kWatchedStates =
    std::to_array<std::string_view>({"fresh", "still", "taken", "passed", "failed", "gone"});

struct WatchedFile {
  std::string path;  // within the customer's folder, parts separated by `/`
  FileStamp stamp{};
  WatchedState state = WatchedState::fresh;
  std::string digest{};  // of the contents that were last delivered from here; empty: none were
  std::string job{};     // the last one that was to take it in
  std::string error{};   // a sentence: why it failed
  base::UtcTime due{};  // not to be tried before; of one that failed: by a process that began later; to the millisecond
  base::UtcTime since{};      // of its state; to the millisecond
  std::int64_t revision = 0;  // how often it was saved: of one that was read, leave it as it is
};

// Implemented by store/. Every call blocks and may be made from any thread and process; errors as in fact_store.h.
class WatchStore {
 public:
  // Of one customer; more than may lie in a folder (folder_scan.h), as some are gone.
  static constexpr std::size_t kMostFiles = 200'000;

  virtual ~WatchStore() = default;

  // By path, kMostFiles at most.
  virtual base::Result<std::vector<WatchedFile>> files(const std::string& customer) = 0;

  // Adds them, or puts them in the place of what was read. One that somebody else has saved since is left as it is:
  // how many were written.
  virtual base::Result<std::size_t> save(const std::string& customer, std::span<const WatchedFile> files) = 0;

  virtual base::Result<> forget(const std::string& customer, std::span<const std::string> paths) = 0;

  // How many files of all customers are in which state.
  virtual base::Result<std::map<WatchedState, std::size_t>> counts() = 0;
};

}  // namespace costagent
