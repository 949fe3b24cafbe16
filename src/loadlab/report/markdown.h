// A run as a page of Markdown, for a file that is kept with the code: PERFORMANCE.md. Pure.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// When, on what, of which commit (which may be empty), what it came to, and for each file of the suite its figures and
// its thresholds with what was observed, bound, margin and outcome.
std::string markdown_report(const RunResult& run, const std::string& commit);

}  // namespace loadlab
