// One I/O thread of the server, with its connections. For http_server.cc alone, as it brings Asio's templates.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core/error.hpp>
#include <list>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "costagent/api/admission.h"

namespace costagent {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

// Failures come back as values.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// A share of a number that is taken for as long as this lives.
class Share {
 public:
  Share(std::atomic<std::size_t>& of, std::size_t size) : of_(of), size_(size) { of_ += size_; }
  ~Share() { of_ -= size_; }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

 private:
  std::atomic<std::size_t>& of_;
  const std::size_t size_;
};

// Until the context is stopped. A handler for which there was no memory is lost, and no more than that.
inline void run_on(asio::io_context& context) {
  while (true) {
    try {
      context.run();
      return;
    } catch (const std::exception& exception) {
      base::log(base::LogLevel::error, "a connection's turn is lost: {}", exception.what());
    }
  }
}

// One connection. Touched by its loop's thread alone.
struct Session {
  explicit Session(tcp::socket accepted) : socket(std::move(accepted)) {}

  // From now on reading or writing is given up after this long; zero: never.
  void allow(std::chrono::milliseconds time, base::Nanoseconds now) {
    deadline = time.count() == 0 ? base::Nanoseconds::max() : now + time;
    timed_out = false;
  }

  // Bytes have reached the kernel that nobody has read.
  bool waiting() {
    beast::error_code error;
    return socket.available(error) > 0 && !error;
  }

  // Its client has closed the connection or its side of it. Who has only closed his side is still told what he is
  // told: that costs nothing, unlike the work.
  bool left() {
    char byte = 0;
    const auto size = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
  }

  tcp::socket socket;
  base::Nanoseconds deadline = base::Nanoseconds::max();
  bool timed_out = false;
  std::string head;                     // of the answer; kept for its memory
  bool idle = true;                     // no byte of a request has been read
  bool crowded = false;                 // came when there were too many
  Admission::Ticket* ticket = nullptr;  // of its request, while that waits or is worked on
};

// A request whose answer isn't known yet. Touched by its loop's thread alone.
struct Waiter {
  std::string awaited;
  asio::steady_timer pause;
  bool woken = false;
};

struct Loop {
  std::list<Session> sessions;
  std::list<Waiter> waiters;
  asio::io_context context{1};
  std::thread thread;
  std::atomic<base::Nanoseconds> last_turn{};  // of `watch`

  void start() {
    thread = std::thread([this] {
      // Work until told to stop, even without a connection.
      const auto guard = asio::make_work_guard(context);
      run_on(context);
    });
  }

  // Time-outs cost a request only the noting of its deadline: one timer looks after all connections, once a tick. What
  // is late is cancelled and not closed, so that its client can still be told. It is cancelled again with every tick
  // until it has noticed, as there may be nothing to cancel at this moment: one part of an answer has just gone out,
  // and the next one isn't begun.
  asio::awaitable<void> watch(const base::Clock& clock, std::chrono::milliseconds tick) {
    asio::steady_timer timer(context);
    while (true) {
      timer.expires_after(tick);
      co_await timer.async_wait(kAwait);
      const auto now = clock.monotonic();
      last_turn = now;
      for (Session& session : sessions) {
        if (session.deadline > now) continue;
        session.timed_out = true;
        beast::error_code ignored;
        session.socket.cancel(ignored);
      }
    }
  }

  // On its own thread. Who is asking at this moment asks once more.
  void wake(const std::string& awaited) {
    for (Waiter& waiter : waiters) {
      if (waiter.awaited != awaited) continue;
      waiter.woken = true;
      waiter.pause.cancel();
    }
  }

  // On its own thread: a request that has reached the kernel is still answered.
  void close_idle() {
    for (Session& session : sessions) {
      beast::error_code ignored;
      if (session.idle && !session.waiting()) session.socket.cancel(ignored);
    }
  }

  // On its own thread: of those that came when there were too many, who has asked for nothing makes room.
  void close_crowd() {
    for (Session& session : sessions) {
      beast::error_code ignored;
      if (session.crowded && session.idle && !session.waiting()) session.socket.cancel(ignored);
    }
  }

  // On its own thread: of those that rest, the one whose time is over next makes room, if it is before that moment.
  bool close_rested(base::Nanoseconds before) {
    Session* rested = nullptr;
    for (Session& session : sessions) {
      if (!session.idle || session.waiting() || session.deadline > before) continue;
      if (rested == nullptr || session.deadline < rested->deadline) rested = &session;
    }
    if (rested == nullptr) return false;
    rested->idle = false;  // another one next time
    beast::error_code ignored;
    rested->socket.cancel(ignored);
    return true;
  }

  // On its own thread: what has not ended in time is given up, and its coroutine goes with the loop.
  void close_all() {
    beast::error_code ignored;
    for (Session& session : sessions) session.socket.close(ignored);
    context.stop();
  }
};

}  // namespace costagent
