// What a run comes to, in the four sentences that a report begins or ends with. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

struct Conclusion {
  std::string holds;   // "39 of 40 tests passed, 210 of 212 thresholds hold"
  std::string margin;  // the least of all thresholds, named, or one that is broken; empty where there is none
  // Of a run that failed, by what its first test that did: the likeliest cause where thresholds are broken and one is
  // known, else the leak, the threshold or the verification. Of another the bottleneck of the test that is nearest to
  // that, of those that have one. With the test's name where there are several; empty where nothing is known.
  std::string gives_first;
  std::string change;    // what to do about it; empty where nothing is known
  std::string warnings;  // "2 of the bars that only warn are missed"; empty where none is
};

Conclusion conclude(const RunResult& run);

// The threshold with the least room, whether it holds or not; those that only warn are left out. What is broken comes
// before all that holds: first what is over a bound of 0, and so by no share of it, then what is over by most, then
// what there was nothing to measure on. The first and the last of these have no margin; all others have. Null where
// there is none.
const ThresholdOutcome* tightest(const TestResult& test);

}  // namespace loadlab
