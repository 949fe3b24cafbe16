// The text of HTTP that this program writes and takes apart by itself. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "costagent/api/message.h"

namespace costagent {

// 1 to 128 letters, digits, `-`, `_`, `.` or `:`: fit for a header and a log line.
bool good_request_id(std::string_view id);

// The method of that name; case matters, as in HTTP.
Method method_of(std::string_view name);

// A request's target, `/path?query`, in its two parts; a fragment is dropped.
struct Target {
  std::string_view path;
  std::string_view query;
};
Target split_target(std::string_view target);

// The time that a client gives its request, in the header X-Request-Timeout-Ms: 1 to 86,400,000, a day. None of another
// form.
inline constexpr const char* kTimeoutHeader = "X-Request-Timeout-Ms";
std::optional<std::chrono::milliseconds> read_timeout(std::string_view text);

// Status line and headers of an answer, up to and with the empty line, in place of what `head` holds.
void write_head(const Response& response, std::string_view request_id, bool keep_alive, base::UtcTime now,
                std::string& head);

}  // namespace costagent
