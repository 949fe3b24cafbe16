// The report for people: one HTML file with everything in it.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// Needs no other file and no other host. The tables are in the page itself; its script draws the plots from the
// summary, which it carries with it.
std::string html_report(const RunResult& run);

}  // namespace loadlab
