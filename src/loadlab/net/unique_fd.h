// The load path's own word for base::UniqueFd.
#pragma once

#include "base/unique_fd.h"

namespace loadlab {

using base::UniqueFd;

}  // namespace loadlab
