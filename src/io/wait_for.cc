#include "io/wait_for.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>

namespace io {

bool wait_for(int socket, short events, base::Nanoseconds until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - base::SystemClock::monotonic_now());
    pollfd one{socket, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX)));
    if (ready > 0) return true;
    if (ready < 0 ? errno != EINTR : left.count() <= 0) return false;
  }
}

}  // namespace io
