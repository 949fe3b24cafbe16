// Which process of this machine listens on a TCP port.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.h"

namespace loadlab {

// Looks through /proc/net/tcp, tcp6 and the descriptors of all processes: some milliseconds to some hundreds, so not
// while a load runs. Of several processes that share the socket it is the one with the lowest number. Fails with
// `not_found` when nobody listens there, or when it is somebody whose descriptors we may not see.
base::Result<pid_t> listening_process(std::uint16_t port);

}  // namespace loadlab
