// When a cookie expires, as servers write it. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace loadlab {

// What RFC 6265, 5.1.1 makes of it, which is far more than the one form that servers ought to write; none where that
// fails.
std::optional<std::chrono::sys_seconds> parse_cookie_date(std::string_view text);

}  // namespace loadlab
