// What commands say to a person.
#pragma once

#include <string>

#include "base/result.h"
#include "costagent/cli/exit_code.h"

namespace costagent {

// Standard error is a terminal, so that progress may be drawn.
bool shows_progress();

// Redraws one line of progress; an empty one takes it away.
void draw_progress(const std::string& line);

// Prints the error on standard error and returns its exit code.
ExitCode refuse(const base::Error& error);

// True when all that was said on standard output has arrived there; else says so on standard error.
bool printed();

// 1234567 as 1,234,567.
std::string with_commas(std::uint64_t number);

}  // namespace costagent
