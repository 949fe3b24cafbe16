// What this machine is, for reports and for comparing runs only with their like.
#pragma once

#include "loadlab/result/result.h"

namespace loadlab {

// Fields that can't be read are left empty.
Machine this_machine();

}  // namespace loadlab
