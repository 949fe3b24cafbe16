// Finds the processes of this machine that are to be watched.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace loadlab {

// Looks for processes each time it is called: some milliseconds to some hundreds. Fails (not_found) where there are
// none.
using ProcessFinder = std::function<base::Result<std::vector<pid_t>>()>;

ProcessFinder process_with_number(pid_t pid);

// Those that have a socket which listens on the TCP port, without those whose parent has it too. Fails also when it is
// somebody's whose descriptors we may not see.
ProcessFinder processes_listening_on(std::uint16_t port);

// Those whose command has this name: its first 15 characters, as the kernel keeps no more, or its program's file name.
// This process is not among them.
ProcessFinder processes_named(const std::string& name);

// The open sockets of a process, by inode; at most `most` descriptors are looked at.
std::set<std::uint64_t> socket_inodes_of(pid_t pid, std::size_t most);

}  // namespace loadlab
