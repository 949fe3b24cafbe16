// Room for connections.
#pragma once

namespace loadlab {

// Raises this process's soft limit of open descriptors to its hard one, as every process may: the soft one is low for
// the sake of programs that use select(2), which this one does not. Where it can't be raised the load tells, by
// requests that failed for want of descriptors. Affects the whole process; called once, before the load.
void raise_descriptor_limit();

}  // namespace loadlab
