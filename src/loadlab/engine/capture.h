// Takes values out of JSON answers, for a journey's later steps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "loadlab/plan/plan.h"

namespace loadlab {

// Sets `variables[capture.slot]` for each capture: strings as they are, numbers and booleans as JSON writes them,
// objects and arrays as JSON text. Fails (invalid) when the body is not JSON, is nested deeper than 64 levels, or has
// nothing, or null, at a pointer; then no variable is changed.
base::Result<> capture_all(const std::vector<Capture>& captures, std::string_view body,
                           std::vector<std::string>& variables);

}  // namespace loadlab
