// Serves the faulty service over HTTP/1.1: a thread a connection, or one acceptor that answers by itself.
#pragma once

#include "faulty_service/service.h"

namespace faulty {

// A socket that listens on 127.0.0.1; -1 if there is none to be had. `port` becomes the one that was chosen.
int listen_on(std::uint16_t& port, int backlog);

// Serves until the process is ended. The listener is the caller's.
void serve(int listener, Service& service, const Options& options);

}  // namespace faulty
