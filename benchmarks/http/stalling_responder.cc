// A server that knows the truth: it answers each request after a delay of its own, all of them concurrently, and logs
// when each came and when its answer went.
//
//   bench_stalling_responder LOG [awake] [delay=US] [stall=MS every=MS] [lognormal=MEDIAN_US,SIGMA,SEED]
//
// Listens on a free port of 127.0.0.1, prints it, and serves until SIGTERM. With `stall` it answers nothing for so long
// at the end of every period, and then all that is due; it goes on to take requests meanwhile. Requests are counted at
// each blank line, one at a time a connection. With `awake` it never sleeps: to wake the core that it sleeps on is work
// of whoever sends to it, some 25 µs in a virtual machine, and would show as a gap of the sender's.
//
// The log is binary, in the order of arrival: two 64-bit integers a request in the machine's byte order, nanoseconds of
// the monotonic clock. A request comes when the kernel received it (its timestamp), not when this program got round to
// reading it; an answer goes just before it is handed to the kernel. What never was answered has 0.
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstring>
#include <queue>
#include <string>
#include <vector>

#include "base/random.h"
#include "listening.h"

namespace {

volatile sig_atomic_t ended = 0;

std::int64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

struct Behaviour {
  bool awake = false;
  std::int64_t delay = 0;
  std::int64_t stall = 0;
  std::int64_t every = 0;
  double median = 0;  // of the log-normal; 0 is none
  double sigma = 0;
  base::Random random{1};

  static Behaviour parse(int argc, char** argv) {
    Behaviour behaviour;
    for (int i = 2; i < argc; ++i) {
      double number = 0;
      unsigned long seed = 1;
      if (std::string_view(argv[i]) == "awake") {
        behaviour.awake = true;
      } else if (std::sscanf(argv[i], "delay=%lf", &number) == 1) {
        behaviour.delay = static_cast<std::int64_t>(1e3 * number);
      } else if (std::sscanf(argv[i], "stall=%lf", &number) == 1) {
        behaviour.stall = static_cast<std::int64_t>(1e6 * number);
      } else if (std::sscanf(argv[i], "every=%lf", &number) == 1) {
        behaviour.every = static_cast<std::int64_t>(1e6 * number);
      } else if (std::sscanf(argv[i], "lognormal=%lf,%lf,%lu", &behaviour.median, &behaviour.sigma, &seed) == 3) {
        behaviour.random = base::Random(seed);
      } else {
        std::fprintf(stderr, "bench_stalling_responder: what is '%s'?\n", argv[i]);
        std::exit(2);
      }
    }
    return behaviour;
  }

  // When a request that came now is to be answered. Periods count from the start.
  std::int64_t due(std::int64_t arrived, std::int64_t start) {
    std::int64_t at = arrived + delay;
    if (median > 0) at += static_cast<std::int64_t>(1e3 * median * std::exp(sigma * random.normal()));
    if (every == 0) return at;
    const std::int64_t within = (at - start) % every;
    return within >= every - stall ? at - within + every : at;
  }
};

struct Record {
  std::int64_t arrived = 0;
  std::int64_t answered = 0;
};

struct Due {
  std::int64_t at;
  std::size_t record;
  int fd;
  bool operator>(const Due& other) const { return at != other.at ? at > other.at : record > other.record; }
};

class Server {
 public:
  explicit Server(Behaviour behaviour) : behaviour_(std::move(behaviour)), start_(now_ns()) {
    records_.reserve(1 << 22);
    listener_ = benchmark_server::listen_on(0);
    stamp_arrivals(listener_);  // the kernel begins to stamp some time after the first socket asks for it
    benchmark_server::watch(epoll_, listener_);
  }

  void run() {
    std::array<epoll_event, 256> ready;
    while (ended == 0) {
      timespec wait{};
      std::int64_t left = due_.empty() ? 100'000'000 : std::max<std::int64_t>(0, due_.top().at - now_ns());
      if (behaviour_.awake) left = 0;
      wait.tv_sec = left / 1'000'000'000;
      wait.tv_nsec = left % 1'000'000'000;
      const int count = ::epoll_pwait2(epoll_, ready.data(), static_cast<int>(ready.size()), &wait, nullptr);
      to_monotonic_ = now_ns() - now_ns(CLOCK_REALTIME);
      for (int i = 0; i < count; ++i) {
        const int fd = ready[static_cast<std::size_t>(i)].data.fd;
        fd == listener_ ? benchmark_server::accept_all(epoll_, listener_, stamp_arrivals) : read(fd);
      }
      answer_due();
    }
  }

  bool write(const char* path) const {
    std::FILE* file = std::fopen(path, "wb");
    if (file == nullptr) return false;
    const bool all = std::fwrite(records_.data(), sizeof(Record), records_.size(), file) == records_.size();
    return std::fclose(file) == 0 && all;
  }

 private:
  static void stamp_arrivals(int fd) {
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  }

  void read(int fd) {
    std::array<char, 16384> buffer;
    alignas(cmsghdr) std::array<char, 256> control;
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(fd, &message, 0);
    if (size <= 0) {
      ::close(fd);
      return;
    }
    const std::string_view input(buffer.data(), static_cast<std::size_t>(size));
    if (input.find("\r\n\r\n") == std::string_view::npos) return;
    const std::int64_t arrived = stamp_of(message);
    due_.push({behaviour_.due(arrived, start_), records_.size(), fd});
    records_.push_back({arrived, 0});
  }

  std::int64_t stamp_of(msghdr& message) const {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS) continue;
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
      return stamp.tv_sec * std::int64_t{1'000'000'000} + stamp.tv_nsec + to_monotonic_;
    }
    return now_ns();
  }

  void answer_due() {
    while (!due_.empty() && due_.top().at <= now_ns()) {
      const Due next = due_.top();
      due_.pop();
      records_[next.record].answered = now_ns();
      const std::string_view answer = benchmark_server::kAnswer;
      if (::send(next.fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) records_[next.record].answered = 0;
    }
  }

  Behaviour behaviour_;
  std::int64_t start_;
  std::int64_t to_monotonic_ = 0;  // from the wall clock
  int listener_ = -1;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Record> records_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(
        stderr,
        "usage: bench_stalling_responder LOG [awake] [delay=US] [stall=MS every=MS] [lognormal=US,SIGMA,SEED]\n");
    return 2;
  }
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  ::signal(SIGTERM, [](int) { ended = 1; });
  Server server(Behaviour::parse(argc, argv));
  server.run();
  return server.write(argv[1]) ? 0 : 1;
}
