// What a run is remembered by, before its tests: the plan, what was said besides it, and where and when it is played.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "loadlab/cli/run_options.h"
#include "loadlab/history/record.h"

namespace loadlab {

// Of what the options came to. No secret is in it.
RunHead head_of(const RunOptions& options, const Plan& plan, const base::Clock& clock);

// A plan's text as it may be kept: without the texts of its secrets (Plan::secrets), wherever they stand, and without
// passwords in URLs. A text whose secrets are not found in it as they are (escaped, folded) is not kept at all.
std::string without_secrets(const std::string& text, const std::vector<std::pair<std::string, std::string>>& secrets);

}  // namespace loadlab
