// Ctrl-C and SIGTERM end a run, not the report.
#pragma once

#include <atomic>

namespace loadlab {

// Set by the first SIGINT or SIGTERM after `catch_interrupts`. A second one ends the program at once with exit code
// 130.
const std::atomic<bool>& catch_interrupts();

}  // namespace loadlab
