// The tables of benchmarks and of sweeps, and the place of a sweep's plots. A part of the page. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// Empty for a load. `index` is the test's, by which the page's script finds where to draw.
std::string samples_html(const TestResult& test, std::size_t index);

}  // namespace loadlab
