// Long texts as the history keeps them: deflated (RFC 1950), a quarter to a seventh of their length where they are a
// run's summary. Pure; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace loadlab {

std::string pack(std::string_view text);

// The way back. What begins with a brace is text that was kept before there was packing, and comes back as it is. Fails
// with `corrupt` on what is cut, or nothing that was packed.
base::Result<std::string> unpack(std::string_view bytes);

}  // namespace loadlab
