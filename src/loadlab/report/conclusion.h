// What a run comes to, in the four sentences that a report begins or ends with. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

struct Conclusion {
  std::string holds;        // "39 of 40 tests passed, 210 of 212 thresholds hold"
  std::string margin;       // the least of all thresholds, named; empty where there is none
  std::string gives_first;  // the bottleneck of the test with the least margin; empty where none is known
  std::string change;       // what to do about it; empty where none is known
  std::string warnings;     // "2 of the bars that only warn are missed"; empty where none is
};

Conclusion conclude(const RunResult& run);

// The threshold with the least room, whether it holds or not; those that only warn are left out. Null where there is
// none.
const ThresholdOutcome* tightest(const TestResult& test);

// "25 % to spare", "over by 3 %".
std::string margin_text(double margin);

}  // namespace loadlab
