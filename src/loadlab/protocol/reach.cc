#include "loadlab/protocol/reach.h"

#include <algorithm>
#include <cstring>

#include "loadlab/net/socket.h"
#include "loadlab/net/tls.h"
#include "loadlab/protocol/tls_settings.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;
using base::SystemClock;

// More addresses than that has no name.
constexpr std::size_t kMostAddresses = 256;

base::Result<std::vector<Address>> sources_of(const Network& network) {
  std::vector<Address> sources;
  for (const std::string& text : network.source_addresses) {
    const auto resolved = resolve(text, 0);
    if (!resolved) return base::pass_on(resolved);
    sources.push_back(resolved->front());
  }
  return sources;
}

base::Result<> find_addresses(const Test& test, Reached& reached) {
  std::vector<Address>& addresses = reached.destination.addresses;
  if (!test.target.socket.empty()) {
    addresses = {unix_address(test.target.socket)};
    return {};
  }
  const base::Nanoseconds before = SystemClock::monotonic_now();
  auto resolved = resolve(test.target.host, test.target.port);
  if (!resolved) {
    return fail(ErrorKind::unavailable, "the target {} can't be reached: {}; is the name right?", test.target.text,
                resolved.error().message);
  }
  reached.resolving = SystemClock::monotonic_now() - before;
  addresses = std::move(*resolved);
  if (addresses.size() > kMostAddresses) addresses.resize(kMostAddresses);
  return {};
}

// Only from an address of its own family can one be reached.
base::Result<> keep_family(const Test& test, Destination& destination) {
  if (destination.sources.empty()) return {};
  const int family = destination.sources.front().family();
  std::erase_if(destination.addresses, [family](const Address& address) { return address.family() != family; });
  if (!destination.addresses.empty()) return {};
  return fail(ErrorKind::invalid,
              "the target {} has no address that can be reached from {}; take source_addresses away", test.target.text,
              test.network.source_addresses.front());
}

std::string_view advice(int error) {
  switch (error) {
    case kTlsUntrusted:
      return "name who signed its certificate with --ca-file, or don't ask with --insecure";
    case kTlsNoCommonProtocol:
      return "does it speak this version of HTTP or TLS?";
    case kTlsFailed:
      return "is https the right scheme for it?";
    default:
      return "is it running?";
  }
}

}  // namespace

base::Result<Reached> reach(const Test& test) {
  Reached reached;
  Destination& destination = reached.destination;
  if (const auto found = find_addresses(test, reached); !found) return base::pass_on(found);
  auto sources = sources_of(test.network);
  if (!sources) return base::pass_on(sources);
  destination.sources = std::move(*sources);
  if (const auto kept = keep_family(test, destination); !kept) return base::pass_on(kept);
  if (test.target.tls) {
    auto context = make_tls_context(test);
    if (!context) return base::pass_on(context);
    destination.tls = std::move(*context);
  }
  for (const Address& source : destination.sources) {
    if (const int error = Socket::try_source(source); error != 0) {
      return fail(ErrorKind::unavailable, "connections can't come from {}: {}; is it an address of this machine?",
                  source.to_string(), std::strerror(error));
    }
  }
  auto found = reachable(destination, test.connect_timeout);
  if (!found) return base::pass_on(found);
  if (found->addresses.empty()) {
    return fail(ErrorKind::unavailable, "the target {} can't be reached: {}: {}; {}", test.target.text,
                destination.addresses.front().to_string(), found->reason, advice(found->error));
  }
  destination.addresses = std::move(found->addresses);
  if (test.network.first_address_only) destination.addresses.resize(1);
  return reached;
}

}  // namespace loadlab
