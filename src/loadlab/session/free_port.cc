#include "loadlab/session/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "base/clock.h"
#include "base/random.h"

namespace loadlab {
namespace {

constexpr std::uint16_t kLowest = 10'000;  // below are ports that services are known by
constexpr std::uint16_t kHighest = 65'535;
constexpr int kTries = 1000;

bool is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // As servers do: what is left of closed connections is no hindrance.
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  // On all addresses, as what is started may listen on all.
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  const bool bound =
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd, 1) == 0;
  ::close(fd);
  return bound;
}

}  // namespace

FreePorts::FreePorts() : low_(32'768), high_(60'999) {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  int low = 0;
  int high = 0;
  if (!(file >> low >> high) || low < 1 || high > kHighest || low > high) return;
  low_ = static_cast<std::uint16_t>(low);
  high_ = static_cast<std::uint16_t>(high);
}

std::optional<std::uint16_t> FreePorts::next() {
  // Two runs that start together are to take different ones.
  base::Random random(base::mix(static_cast<std::uint64_t>(::getpid()) +
                                static_cast<std::uint64_t>(base::SystemClock::monotonic_now().count())));
  for (int i = 0; i < kTries; ++i) {
    const auto port = static_cast<std::uint16_t>(kLowest + random.below(kHighest - kLowest + 1));
    // A range that leaves nothing is no range to keep out of.
    const bool of_kernel = port >= low_ && port <= high_ && !(low_ <= kLowest && high_ >= kHighest - 100);
    if (of_kernel || given_.count(port) > 0 || !is_free(port)) continue;
    given_.insert(port);
    return port;
  }
  return std::nullopt;
}

}  // namespace loadlab
