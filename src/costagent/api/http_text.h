// The text of HTTP that this program writes and takes apart by itself. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "costagent/api/message.h"

namespace costagent {

// 1 to 128 letters, digits, `-`, `_`, `.` or `:`: fit for a header and a log line.
bool good_request_id(std::string_view id);

// A request's target, `/path?query`, in its two parts; a fragment is dropped.
struct Target {
  std::string_view path;
  std::string_view query;
};
Target split_target(std::string_view target);

// Status line and headers of an answer, up to and with the empty line, in place of what `head` holds.
void write_head(const Response& response, std::string_view request_id, bool keep_alive, base::UtcTime now,
                std::string& head);

}  // namespace costagent
