// What the command line says of a plan that is read.
#pragma once

#include "base/result.h"
#include "loadlab/plan/load_plan.h"

namespace loadlab {

// Whether the values are ones a plan could have. Fails (invalid), naming the option.
base::Result<> check_overrides(const Overrides& overrides);

// Puts the overrides into a plan that was read with them. Fails (invalid) if `only` has a word that no test's name or
// tag matches, or if a variable is given that one of the tests that are left is swept over.
base::Result<> apply_overrides(const Overrides& overrides, Plan& plan);

}  // namespace loadlab
