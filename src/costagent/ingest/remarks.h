// What was assumed for single lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace costagent {

// Not thread-safe. A sentence is a literal, the same one for every line it is of.
class Remarks {
 public:
  // Which line is counted from now on; 0 if that isn't known.
  void at(std::uint64_t line) { line_ = line; }
  void count(const char* sentence);
  std::vector<std::string> sentences() const;  // "… (3 lines, first 17)", "… (1 line, number 17)"

 private:
  struct Counted {
    const char* sentence;
    std::uint64_t lines;
    std::uint64_t first;
  };
  std::uint64_t line_ = 0;
  std::vector<Counted> counted_;
};

}  // namespace costagent
