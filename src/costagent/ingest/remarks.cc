#include "costagent/ingest/remarks.h"

#include "base/result.h"

namespace costagent {

void Remarks::count(const char* sentence) {
  for (Counted& counted : counted_) {
    if (counted.sentence == sentence) {
      ++counted.lines;
      return;
    }
  }
  counted_.push_back({sentence, 1});
}

std::vector<std::string> Remarks::sentences() const {
  std::vector<std::string> all;
  for (const Counted& counted : counted_)
    all.push_back(fmt::format("{} ({} {})", counted.sentence, counted.lines, counted.lines == 1 ? "line" : "lines"));
  return all;
}

}  // namespace costagent
