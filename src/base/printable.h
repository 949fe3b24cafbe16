// Text from outside, made fit for a terminal, a log line and JSON.
#pragma once

#include <string>
#include <string_view>

namespace base {

// The text with every control character and every byte that isn't part of valid UTF-8 written as `\xNN`. What a file
// holds may move a terminal's cursor or end a log line; told like this it can't.
std::string printable(std::string_view text);

// The same, but with control characters as they are: fit for JSON and HTML, which have a form for them.
std::string valid_utf8(std::string_view text);

// Whether all of it is valid UTF-8. Plain ASCII is looked at eight bytes at a time.
bool is_utf8(std::string_view text);

}  // namespace base
