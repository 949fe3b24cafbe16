// What a parser assumed for single lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace costagent {

// Not thread-safe. A sentence is a literal, the same one for every line it is of.
class Remarks {
 public:
  void count(const char* sentence);
  std::vector<std::string> sentences() const;  // "… (3 lines)"

 private:
  struct Counted {
    const char* sentence;
    std::uint64_t lines;
  };
  std::vector<Counted> counted_;
};

}  // namespace costagent
