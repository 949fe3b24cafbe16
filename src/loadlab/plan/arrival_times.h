// Reads the times of arrivals that are to be replayed.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace loadlab {

// A text file with a time a line: seconds since the start as a decimal number, ascending; what follows a comma is not
// looked at, and neither are empty lines, lines that begin with '#', and a first line that is a heading. A relative
// name is taken from `folder`. At least one time and at most ten million, below a week. Fails (not_found, io, invalid)
// with the file's name, and the line where there is one.
base::Result<std::vector<base::Nanoseconds>> read_arrival_times(const std::string& folder, const std::string& name);

}  // namespace loadlab
