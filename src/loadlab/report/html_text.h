// Text as a page may hold it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace loadlab {

// With what has a meaning of its own in HTML, in elements and in quoted attributes, written as entities.
std::string escaped(std::string_view text);

}  // namespace loadlab
