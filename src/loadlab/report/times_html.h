// The tables of a test's times: of all its requests, and by step, group and stage. A part of the page. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// Empty where nothing was loaded; tables by step, group and stage only where the test has several steps, or any of the
// others.
std::string times_html(const TestResult& test);

}  // namespace loadlab
