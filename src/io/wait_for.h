// A wait for a socket that has an end.
#pragma once

#include "base/clock.h"

namespace io {

// Until the socket is ready for the events of poll(2), or has failed; false when the monotonic clock says `until`
// first. It is looked at once however late that is: a thread that the machine kept waiting doesn't blame its peer.
bool wait_for(int socket, short events, base::Nanoseconds until);

}  // namespace io
