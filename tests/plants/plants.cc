// Faults planted into a program that knows nothing of them: a library to preload (LD_PRELOAD), which stands between the
// program and libc. It shows that a test notices what it is there for.
//
// PLANT has one or more faults, separated by commas; REQUEST is how a request begins, as in `POST /analyze`:
//
//     slow:REQUEST:MS          such a request is read so much later
//     spin:REQUEST:MS          likewise, and a core is busy meanwhile
//     fail:REQUEST:PERCENT     so many of such requests' answers become a 500; what the program did stays done
//     leak_memory:REQUEST:BYTES  so much is allocated for each such request, written to, and lost
//     leak_descriptors:REQUEST:PERCENT   for so many of such requests a descriptor is opened and lost
//     slow_disk:MS             every fsync and fdatasync takes so much longer
//     idle:MS                  every wait for events ends so much later: nothing is quick any more
//
// Where PLANT_ONE is set, only the first process that gets such a request has the faults of requests; a file of that
// name in $LOADLAB_DIR is how the others know.
//
// An unknown fault ends the program at once, so that a misspelt one can't pass for a test that notices nothing.
// Thread-safe; adds some 100 ns to a read.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

enum class Kind { slow, spin, fail, leak_memory, leak_descriptors };

struct Fault {
  Kind kind;
  std::string request;
  long amount;
};

[[noreturn]] void refuse(std::string_view text) {
  std::fprintf(stderr, "PLANT: '%.*s' is no fault\n", static_cast<int>(text.size()), text.data());
  std::_Exit(2);
}

struct Plants {
  std::vector<Fault> of_requests;
  long disk_ms = 0;
  long idle_ms = 0;

  Plants() {
    const char* const text = std::getenv("PLANT");
    if (text == nullptr) return;
    std::string_view left(text);
    while (!left.empty()) {
      const auto comma = left.find(',');
      add(left.substr(0, comma));
      left = comma == std::string_view::npos ? std::string_view() : left.substr(comma + 1);
    }
  }

  void add(std::string_view text) {
    const auto first = text.find(':');
    const auto last = text.rfind(':');
    if (first == std::string_view::npos) refuse(text);
    const std::string_view name = text.substr(0, first);
    char* end = nullptr;
    const std::string number(text.substr(last + 1));
    const long amount = std::strtol(number.c_str(), &end, 10);
    if (number.empty() || *end != '\0' || amount < 0) refuse(text);
    if (name == "slow_disk" && first == last) {
      disk_ms = amount;
    } else if (name == "idle" && first == last) {
      idle_ms = amount;
    } else {
      static constexpr std::pair<std::string_view, Kind> kKinds[] = {{"slow", Kind::slow},
                                                                     {"spin", Kind::spin},
                                                                     {"fail", Kind::fail},
                                                                     {"leak_memory", Kind::leak_memory},
                                                                     {"leak_descriptors", Kind::leak_descriptors}};
      if (first == last) refuse(text);
      for (const auto& [known, kind] : kKinds) {
        if (name != known) continue;
        of_requests.push_back({kind, std::string(text.substr(first + 1, last - first - 1)), amount});
        return;
      }
      refuse(text);
    }
  }
};

const Plants& plants() {
  static const Plants made;
  return made;
}

bool claim_faults() {
  const char* const one = std::getenv("PLANT_ONE");
  const char* const folder = std::getenv("LOADLAB_DIR");
  if (one == nullptr || folder == nullptr) return true;
  const int claim = ::open((std::string(folder) + "/" + one).c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (claim >= 0) ::close(claim);
  return claim >= 0;
}

// Asked when there is a request to do it to, and not before: whoever starts the others receives its database's answers
// first.
bool is_chosen() {
  static const bool chosen = claim_faults();
  return chosen;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// Of how many per cent a share falls due each time: evenly, without chance.
bool is_due(std::atomic<long>& count, long percent) {
  const long now = count.fetch_add(1, std::memory_order_relaxed);
  return (now + 1) * percent / 100 != now * percent / 100;
}

constexpr std::size_t kDescriptors = 65536;
std::array<std::atomic<bool>, kDescriptors> fails{};  // the next answer on this descriptor
std::array<std::atomic<long>, 64> counts{};           // of a fault's requests
std::atomic<void*> last_lost{nullptr};                // or the compiler would see that nobody reads what is lost

void apply(const Fault& fault, std::size_t number, int descriptor) {
  std::atomic<long>& count = counts[number % counts.size()];
  switch (fault.kind) {
    case Kind::slow:
      std::this_thread::sleep_for(std::chrono::milliseconds(fault.amount));
      break;
    case Kind::spin: {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(fault.amount);
      while (std::chrono::steady_clock::now() < end) {
      }
      break;
    }
    case Kind::fail:
      if (is_due(count, fault.amount) && descriptor >= 0 && static_cast<std::size_t>(descriptor) < kDescriptors)
        fails[static_cast<std::size_t>(descriptor)] = true;
      break;
    case Kind::leak_memory:
      if (void* const lost = std::malloc(static_cast<std::size_t>(fault.amount)); lost != nullptr) {
        std::memset(lost, 1, static_cast<std::size_t>(fault.amount));
        last_lost = lost;
      }
      break;
    case Kind::leak_descriptors:
      if (is_due(count, fault.amount)) ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      break;
  }
}

void look_at(int descriptor, const void* bytes, ssize_t size) {
  if (size <= 0 || plants().of_requests.empty()) return;
  const std::string_view text(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < plants().of_requests.size(); ++i) {
    const Fault& fault = plants().of_requests[i];
    if (text.starts_with(fault.request) && is_chosen()) apply(fault, i, descriptor);
  }
}

// The beginning of an answer that is to fail, with its status changed; empty: nothing is changed.
std::string changed(int descriptor, const void* bytes, std::size_t size) {
  if (plants().of_requests.empty() || descriptor < 0 || static_cast<std::size_t>(descriptor) >= kDescriptors) return {};
  constexpr std::string_view kBeginning = "HTTP/1.1 ";
  std::string text(static_cast<const char*>(bytes), size);
  if (!std::string_view(text).starts_with(kBeginning) || size < kBeginning.size() + 3) return {};
  if (!fails[static_cast<std::size_t>(descriptor)].exchange(false)) return {};
  text.replace(kBeginning.size(), 3, "500");
  return text;
}

}  // namespace

extern "C" {

ssize_t recv(int descriptor, void* buffer, size_t size, int flags) {
  static auto* const next = real<ssize_t(int, void*, size_t, int)>("recv");
  const ssize_t got = next(descriptor, buffer, size, flags);
  look_at(descriptor, buffer, got);
  return got;
}

ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  static auto* const next = real<ssize_t(int, msghdr*, int)>("recvmsg");
  const ssize_t got = next(descriptor, message, flags);
  if (got > 0 && message->msg_iovlen > 0) {
    const iovec& first = message->msg_iov[0];
    look_at(descriptor, first.iov_base, std::min(got, static_cast<ssize_t>(first.iov_len)));
  }
  return got;
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  static auto* const next = real<ssize_t(int, const void*, size_t, int)>("send");
  const std::string other = changed(descriptor, bytes, size);
  return next(descriptor, other.empty() ? bytes : other.data(), size, flags);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  static auto* const next = real<ssize_t(int, const msghdr*, int)>("sendmsg");
  if (message->msg_iovlen == 0) return next(descriptor, message, flags);
  std::string other = changed(descriptor, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
  if (other.empty()) return next(descriptor, message, flags);
  std::vector<iovec> parts(message->msg_iov, message->msg_iov + message->msg_iovlen);
  parts[0].iov_base = other.data();
  msghdr copy = *message;
  copy.msg_iov = parts.data();
  return next(descriptor, &copy, flags);
}

int fsync(int descriptor) {
  static auto* const next = real<int(int)>("fsync");
  if (plants().disk_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(plants().disk_ms));
  return next(descriptor);
}

int fdatasync(int descriptor) {
  static auto* const next = real<int(int)>("fdatasync");
  if (plants().disk_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(plants().disk_ms));
  return next(descriptor);
}

int epoll_wait(int descriptor, epoll_event* events, int most, int timeout) {
  static auto* const next = real<int(int, epoll_event*, int, int)>("epoll_wait");
  const int found = next(descriptor, events, most, timeout);
  if (plants().idle_ms > 0 && found > 0) std::this_thread::sleep_for(std::chrono::milliseconds(plants().idle_ms));
  return found;
}

}  // extern "C"
