// Takes values out of answers, for a journey's later steps.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "loadlab/engine/answer.h"
#include "loadlab/plan/plan.h"

namespace loadlab {

// Sets `variables[capture.slot]` for each capture: JSON strings as they are, numbers and booleans as JSON writes them,
// objects and arrays as JSON text; the first header of a name; with a pattern, what that takes of it. Fails (invalid)
// when the answer has nothing, or null, where one is taken from, or a pattern isn't found; then no variable is changed.
base::Result<> capture_all(const std::vector<Capture>& captures, Answer& answer, std::vector<std::string>& variables);

}  // namespace loadlab
