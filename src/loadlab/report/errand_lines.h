// What set-ups and teardowns came to, in sentences.
#pragma once

#include <string>
#include <vector>

#include "loadlab/result/result.h"

namespace loadlab {

// A line for each that made a request, such as "set-up: 3 requests, 1 error, counted apart: 1 × status 503".
std::vector<std::string> errand_lines(const TestResult& test);

}  // namespace loadlab
