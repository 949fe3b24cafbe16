// A socket that connections are accepted from.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace costagent {

// Listens on an address, `127.0.0.1` or `::1`, and a port; 0 is a free one. Fails with `invalid` (listen) on a host
// that is no address, and with `io` when it can't be listened on.
base::Result<base::UniqueFd> open_listener(const std::string& host, std::uint16_t port);

// `http://127.0.0.1:8080`, of a listening socket.
std::string url_of(int listener);

}  // namespace costagent
