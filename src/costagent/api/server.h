// The HTTP/1.1 server: sockets, limits and time-outs around a router. All of Boost.Beast is behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/api/metrics.h"
#include "costagent/api/router.h"

namespace costagent {

// Each bound says what happens beyond it.
struct ServerLimits {
  int max_in_flight = 256;       // requests worked on or waiting for a worker; beyond: 503 with Retry-After at once
  int max_connections = 10'000;  // beyond: closed at once
  std::size_t max_body_bytes = 1024 * 1024;                   // 413
  std::size_t max_header_bytes = 16 * 1024;                   // 431
  base::Nanoseconds idle_timeout{std::chrono::seconds(60)};   // without a (whole) request head: closed
  base::Nanoseconds body_timeout{std::chrono::seconds(20)};   // for the body to arrive: 408
  base::Nanoseconds write_timeout{std::chrono::seconds(20)};  // for a client to take its answer: closed
  base::Nanoseconds grace{std::chrono::seconds(10)};          // for requests in flight after `stop`
  int workers = 0;  // threads that run handlers; 0: one a core, two at the least
};

// One thread reads and writes sockets; handlers run on worker threads.
class Server {
 public:
  // Listens on `host:port` (port 0 is a free one). The router, metrics and clock must outlive it. Fails (io) when the
  // address can't be had.
  static base::Result<std::unique_ptr<Server>> listen(const std::string& host, std::uint16_t port, const Router& router,
                                                      Metrics& metrics, const base::Clock& clock,
                                                      const ServerLimits& limits);
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;

  // Serves until `stop`, or until SIGTERM or SIGINT if `obey_signals`. Then it takes no more connections, answers what
  // is in flight, and returns when that is done or the grace is over.
  virtual void run(bool obey_signals) = 0;

  // From any thread.
  virtual void stop() = 0;
};

}  // namespace costagent
