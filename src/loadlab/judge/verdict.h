// What it comes to: a test's verdict and a run's. Pure functions, safe from any thread.
#pragma once

#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Error if the test could not be carried out; else untrusted if it isn't trusted; else fail if a threshold that isn't
// only a warning does not pass, a verification doesn't, or something leaks that isn't only warned of; else pass. An
// untrusted test isn't called failed, as its figures may be the generator's.
Verdict verdict_of(const TestResult& test);

// The worst of its tests'. A run without tests carried out nothing, and one that was interrupted not what it was meant
// to: error.
Verdict verdict_of(const RunResult& run);

// Fills `thresholds`, `trust`, `leaks`, `bottleneck`, `recovery` and `verdict` of a test that is over. The outcome of a
// threshold that ended the test (`aborted`), if it is there already, is kept as it was then: answers that came after it
// excuse nothing. Beside the plan's own thresholds stands one on silence (silence.h), and, where every request failed
// and the plan bounds no error_rate, `error_rate < 100%`, both broken. A test that carried out no request at all, and
// doesn't say why, is given a failure that says so.
void judge(const Test& plan, TestResult& test);

}  // namespace loadlab
