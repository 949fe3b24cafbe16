#include "loadlab/result/findings.h"

#include <algorithm>

namespace loadlab {

bool Leaks::any(LeakVerdict verdict) const {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const LeakFinding& finding) { return finding.verdict == verdict; });
}

std::string_view name_of(LeakVerdict verdict) {
  switch (verdict) {
    case LeakVerdict::none:
      return "none";
    case LeakVerdict::leak:
      return "leak";
    case LeakVerdict::undecided:
      return "undecided";
  }
  return "";
}

std::string_view name_of(Pressure pressure) {
  switch (pressure) {
    case Pressure::none:
      return "none";
    case Pressure::saturated:
      return "saturated";
    case Pressure::waiting:
      return "waiting";
    case Pressure::limited:
      return "limited";
  }
  return "";
}

}  // namespace loadlab
