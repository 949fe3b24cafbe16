// What bills call a cloud.
#pragma once

#include <string_view>
#include <vector>

namespace costagent {

// Every way a bill may spell the provider that somebody asks for: the text itself, first, and, if it is one of a known
// cloud's names (letter case ignored), the others of that cloud. AWS's own exports say `AWS`, other tools' `Amazon Web
// Services`, and people say `aws`. Views hold as long as `asked`.
std::vector<std::string_view> provider_spellings(std::string_view asked);

// One name for a cloud however it is spelled: the first of its names; of another provider the text itself.
std::string_view usual_name(std::string_view provider);

}  // namespace costagent
