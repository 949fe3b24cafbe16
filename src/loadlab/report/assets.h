// The page's style and script, embedded at build time from assets/.
#pragma once

#include <string_view>

namespace loadlab {

extern const std::string_view kReportCss;
extern const std::string_view kReportJs;

}  // namespace loadlab
