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
  counted_.push_back({sentence, 1, line_});
}

std::vector<std::string> Remarks::sentences() const {
  std::vector<std::string> all;
  for (const Counted& counted : counted_) {
    std::string where = counted.lines == 1 ? "1 line" : fmt::format("{} lines", counted.lines);
    if (counted.first != 0) where += fmt::format(", {} {}", counted.lines == 1 ? "number" : "first", counted.first);
    all.push_back(fmt::format("{} ({})", counted.sentence, where));
  }
  return all;
}

}  // namespace costagent
