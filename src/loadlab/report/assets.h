// The pages' styles and scripts, embedded at build time from assets/.
#pragma once

#include <string_view>

namespace loadlab {

extern const std::string_view kReportCss;
extern const std::string_view kPlotsJs;    // before the others
extern const std::string_view kMetricsJs;  // before the next
extern const std::string_view kReportJs;
extern const std::string_view kRunsHtml;  // the page of loadlab serve, which asks for the others by their names
extern const std::string_view kRunsJs;

}  // namespace loadlab
