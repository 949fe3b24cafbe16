// What is wrong with a plan, gathered while it is read, so that a person mends several mistakes at a time.
//
// Not thread-safe; one reading of one plan owns it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace loadlab {

// Lines and columns count from 1; a column is a character, not a byte, as editors count.
struct Position {
  int line = 1;
  int column = 1;
  int file = 0;  // 0: the plan's own; of an included one, what Complaints::add_file said
  friend bool operator==(const Position&, const Position&) = default;
  friend bool operator<(const Position& a, const Position& b) {
    if (a.file != b.file) return a.file < b.file;
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  }
};

// Where a text that begins at `begin` ends.
Position behind(Position begin, std::string_view text);

// A piece of the plan as a message shows it: on one line, and cut where it is long.
std::string shown(std::string_view text);

class Complaints {
 public:
  // More than these are one mistake seen many times over, and scroll the first one away.
  static constexpr std::size_t kMostShown = 10;
  // What comes after these is not kept: a file of a million mistakes must not take minutes.
  static constexpr std::size_t kMostKept = 1000;

  template <class... Args>
  void add(Position at, fmt::format_string<Args...> format, Args&&... args) {
    if (!full()) add_text(at, fmt::format(format, std::forward<Args>(args)...));
  }

  bool empty() const { return complaints_.empty(); }
  bool full() const { return complaints_.size() >= kMostKept; }
  std::size_t size() const { return complaints_.size(); }

  // The number of one more file, for its positions.
  int add_file(std::string name) {
    files_.push_back(std::move(name));
    return static_cast<int>(files_.size());
  }

  // `name` is that of the plan's own file.
  // All of them in the order of the text, each as `NAME:LINE:COLUMN: what`, at most `kMostShown` and then how many are
  // left out. There is at least one.
  base::Error error(const std::string& name) const;

 private:
  // The same complaint at the same place counts once: keys under `defaults` are read anew for every test.
  void add_text(Position at, std::string what);

  std::vector<std::pair<Position, std::string>> complaints_;
  std::vector<std::string> files_;  // but the plan's own
};

}  // namespace loadlab
