// By how much a threshold holds or is broken, in words. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// "25.0 % to spare", "over by 3.00 %", "50 times the limit", "short by 40.0 %" of one that must be reached, "at the
// limit itself" of one that must be kept away from. Of an outcome that has a margin.
std::string margin_text(const ThresholdOutcome& outcome);

}  // namespace loadlab
