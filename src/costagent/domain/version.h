// costagent's version, as it tells clients and people.
#pragma once

namespace costagent {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace costagent
