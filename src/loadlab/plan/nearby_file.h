// Files that a plan names: they are looked for beside it.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace loadlab {

// The path of a plain file of at most so many bytes; a relative name is taken from `folder`, which is empty or ends
// with a slash. Fails (not_found, io, invalid) with the path.
base::Result<std::string> find_nearby_file(const std::string& folder, const std::string& name, std::size_t most_bytes);

// What such a file holds.
base::Result<std::string> read_nearby_file(const std::string& path, std::size_t most_bytes);

}  // namespace loadlab
