// Which thread goes first where cores are scarce.
#pragma once

namespace base {

// Makes the calling thread less urgent, for good: it gets a third of what others get where all want the same core, and
// leaves it at once to one of them that wakes (nice(2), which is of each thread on Linux). For what computes for long:
// requests and jobs, so that whoever reads, refuses and tells of health is never kept waiting by them.
void give_way();

}  // namespace base
