// What may stand in a request's line and headers: a plan can't make a request that is none, or two.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loadlab {

// A token of RFC 9110, section 5.6.2: what methods and names of headers are made of.
bool is_token(std::string_view text);

bool same_header_name(std::string_view a, std::string_view b);

// Each says what is wrong with its text, for a person; none if it is fine.
std::optional<std::string> problem_of_method(std::string_view method);
// A path with its query: begins with '/', and has no spaces, control characters or '#'.
std::optional<std::string> problem_of_path(std::string_view path);
std::optional<std::string> problem_of_header_name(std::string_view name);
std::optional<std::string> problem_of_header_value(std::string_view value);

}  // namespace loadlab
