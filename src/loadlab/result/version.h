// loadlab's version, as it tells targets and reports.
#pragma once

namespace loadlab {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace loadlab
