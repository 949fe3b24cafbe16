// The result as a person reads it in a terminal.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

struct TerminalStyle {
  bool colour = false;
  int width = 80;  // columns; fewer than 40 are taken as 40. In narrow ones tables leave columns out
};

// Each test with its figures, then the verdicts; the last line is `verdict: …`.
std::string terminal_report(const RunResult& run, const TerminalStyle& style);

}  // namespace loadlab
