// What a stream's errnos mean to whoever counts them.
#pragma once

#include "loadlab/result/tally.h"

namespace loadlab {

// Of an opening.
Fault connect_fault(int error);

// Of a read.
Fault receive_fault(int error);

}  // namespace loadlab
