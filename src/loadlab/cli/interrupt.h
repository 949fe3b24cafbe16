// Ctrl-C, SIGTERM and a closed terminal end a run, not the report.
#pragma once

#include <atomic>

namespace loadlab {

// Set by the first SIGINT, SIGTERM or SIGHUP after `catch_interrupts`. A second one ends the program at once with exit
// code 130. SIGPIPE is ignored from then on.
const std::atomic<bool>& catch_interrupts();

}  // namespace loadlab
