// Leaks, bottleneck and recovery of a test, as a part of the page. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// Empty where nothing was judged.
std::string judgement_html(const TestResult& test);

}  // namespace loadlab
