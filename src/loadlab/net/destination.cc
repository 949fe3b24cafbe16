#include "loadlab/net/destination.h"

#include <algorithm>
#include <deque>

#include "loadlab/net/stream.h"
#include "loadlab/net/tls.h"

namespace loadlab {
namespace {

using base::SystemClock;

// One connection that is only tried.
struct Attempt final : ReadyListener {
  void on_ready(std::uint32_t) override {
    if (progress == Stream::Progress::waiting) progress = stream.advance();
  }

  Stream stream;
  Stream::Progress progress = Stream::Progress::waiting;
};

}  // namespace

Dialer::Dialer(Poller& poller, const Destination& destination, std::size_t first)
    : poller_(poller), destination_(destination), next_(first), wire_(destination.tls ? Tls::kWireBytes : 0) {}

Dialer::Route Dialer::route(std::size_t number) const {
  const auto& [addresses, sources, tls] = destination_;
  const Address& to = addresses[number % addresses.size()];
  return {to, sources.empty() ? nullptr : &sources[number / addresses.size() % sources.size()]};
}

base::Result<Reachable> reachable(const Destination& destination, base::Nanoseconds timeout) {
  auto poller = Poller::create();
  if (!poller) return base::pass_on(poller);
  Dialer dialer(*poller, destination, 0);
  std::deque<Attempt> attempts(destination.addresses.size());
  for (Attempt& attempt : attempts) {
    if (attempt.stream.connect(dialer, attempt) != 0) attempt.progress = Stream::Progress::failed;
  }
  const base::Nanoseconds deadline = SystemClock::monotonic_now() + timeout;
  const auto waits = [](const Attempt& attempt) { return attempt.progress == Stream::Progress::waiting; };
  while (std::any_of(attempts.begin(), attempts.end(), waits)) {
    const base::Nanoseconds left = deadline - SystemClock::monotonic_now();
    if (left.count() <= 0) break;
    poller->wait(left);
  }
  // Several reasons are mostly one.
  Reachable found{{}, attempts.front().stream.error(), attempts.front().stream.reason()};
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    if (attempts[i].progress == Stream::Progress::open) found.addresses.push_back(destination.addresses[i]);
    attempts[i].stream.close();
  }
  return found;
}

}  // namespace loadlab
