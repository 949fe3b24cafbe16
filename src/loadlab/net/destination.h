// Where a test's connections go to, where they come from, and what protects them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "loadlab/net/address.h"
#include "loadlab/net/poller.h"
#include "loadlab/net/tls_context.h"

namespace loadlab {

struct Destination {
  std::vector<Address> addresses{};         // at least one: connections are spread over them
  std::vector<Address> sources{};           // empty: the kernel chooses
  std::shared_ptr<const TlsContext> tls{};  // null: without TLS
};

// A worker's way to open connections. Not thread-safe; outlives the streams that are opened by it.
class Dialer {
 public:
  // One address of the destination, and the source to connect from; null: the kernel chooses.
  struct Route {
    const Address& to;
    const Address* from;
  };

  // Dialers that begin at different numbers spread their connections evenly together.
  Dialer(Poller& poller, const Destination& destination, std::size_t first);

  Poller& poller() const { return poller_; }
  const TlsContext* tls() const { return destination_.tls.get(); }
  // Where TLS reads into, before it decrypts.
  std::vector<char>& wire() { return wire_; }

  // The next of all pairs of address and source, in turn.
  std::size_t next_route() { return next_++; }
  Route route(std::size_t number) const;

 private:
  Poller& poller_;
  const Destination& destination_;
  std::size_t next_;
  std::vector<char> wire_;
};

struct Reachable {
  std::vector<Address> addresses;  // to which a connection can be opened, TLS and all
  int error = 0;                   // where there are none: why the first can't be reached
  std::string reason;              // the same for people
};

// Tries all addresses of the destination at the same time, for at most `timeout`. Blocks. Fails with `io` when the
// machine has nothing left to try it with.
base::Result<Reachable> reachable(const Destination& destination, base::Nanoseconds timeout);

}  // namespace loadlab
