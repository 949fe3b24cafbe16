#include "costagent/api/http_server.h"

#include <fcntl.h>

#include <boost/asio.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "costagent/api/conversations.h"
#include "costagent/api/listener.h"
#include "costagent/api/loop.h"
#include "costagent/api/shared_accept.h"

// All of Beast and Asio is in this file and in the headers that are for it alone, as their templates take a quarter of
// a minute to compile.
//
// GCC 12 may destroy a temporary within a co_await expression twice: whatever is awaited has a name, or is made of
// nothing but references and numbers.

namespace costagent {
namespace {

constexpr std::chrono::milliseconds kTryAgainAfter{20};

class Server final : public HttpServer {
 public:
  Server(const ServerOptions& options, const Router& router, Metrics& metrics, const base::Clock& clock)
      : options_(options), metrics_(metrics), clock_(clock), conversations_(options_, router, metrics, clock) {
    for (unsigned i = 0; i < std::max(1U, options.io_threads); ++i) loops_.push_back(std::make_unique<Loop>());
    acceptor_.emplace(loops_[0]->context);
  }

  ~Server() override { stop(); }

  base::Result<> listen() {
    const bool shared = options_.listener >= 0;
    base::Result<base::UniqueFd> listener(::fcntl(options_.listener, F_DUPFD_CLOEXEC, 0));
    if (!shared) listener = open_listener(options_.host, options_.port);
    if (!listener) return base::pass_on(listener);
    url_ = url_of(listener->get());
    beast::error_code error;
    acceptor_->assign(url_.starts_with("http://[") ? tcp::v6() : tcp::v4(), listener->release(), error);
    if (!error) port_ = acceptor_->local_endpoint(error).port();
    if (error) return base::fail(base::ErrorKind::io, "can't accept connections: {}", error.message());
    if (shared) shared_.emplace(*acceptor_, options_.give_way);
    return {};
  }

  void run() {
    go_on(*loops_[0], [this] { return accept(); });
    for (auto& loop : loops_) {
      loop->last_turn = clock_.monotonic();
      go_on(*loop, [this, at = loop.get()] { return at->watch(clock_, tick()); });
      go_on(*loop, [this, at = loop.get()] { return conversations_.look_after(*at); });
      loop->start();
    }
  }

  std::uint16_t port() const override { return port_; }

  std::string url() const override { return url_; }

  void wake(const std::string& awaited) override {
    for (auto& loop : loops_) asio::post(loop->context, [&loop, awaited] { loop->wake(awaited); });
  }

  base::Nanoseconds last_turn() const override {
    auto last = base::Nanoseconds::max();
    for (const auto& loop : loops_) last = std::min(last, loop->last_turn.load());
    return last;
  }

  void stop() override {
    const std::lock_guard once(stop_mutex_);
    if (stopped_) return;
    stopped_ = true;
    conversations_.stop_soon();
    asio::post(loops_[0]->context, [this] { acceptor_->close(ignored_); });
    {
      std::unique_lock lock(open_mutex_);
      none_open_.wait_for(lock, options_.idle_grace, [this] { return open_ == 0; });
    }
    conversations_.close_idle();
    for (auto& loop : loops_) asio::post(loop->context, [&loop] { loop->close_idle(); });
    {
      std::unique_lock lock(open_mutex_);
      none_open_.wait_for(lock, options_.drain_timeout, [this] { return open_ == 0; });
    }
    conversations_.close();
    for (auto& loop : loops_) asio::post(loop->context, [&loop] { loop->close_all(); });
    for (auto& loop : loops_) {
      if (loop->thread.joinable()) loop->thread.join();
    }
  }

 private:
  // A time-out is late by a tenth of itself at most, or by a quarter of a second.
  std::chrono::milliseconds tick() const {
    const auto shortest = std::min({options_.idle_timeout, options_.header_timeout, options_.body_timeout,
                                    options_.write_timeout, Conversations::kLinger});
    return std::clamp(shortest / 10, std::chrono::milliseconds(1), std::chrono::milliseconds(250));
  }

  // For as long as it has something to do: begun anew where there was no memory for a step of it.
  template <class Make>
  void go_on(Loop& loop, Make make) {
    asio::co_spawn(loop.context, make(), [this, &loop, make](const std::exception_ptr& failed) {
      if (failed) go_on(loop, make);
    });
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(loops_[0]->context);
    std::size_t next = 0;
    while (!conversations_.stopping()) {
      if (open_ >= options_.max_connections + options_.max_crowd) {
        for (auto& loop : loops_) asio::post(loop->context, [&loop] { loop->close_crowd(); });
        pause.expires_after(kTryAgainAfter);
        co_await pause.async_wait(kAwait);
        continue;
      }
      Loop& loop = *loops_[next % loops_.size()];
      tcp::socket socket(loop.context);
      beast::error_code error;
      if (shared_) {
        error = co_await shared_->accept(socket, pause);
        if (SharedAccept::none(error)) continue;
      } else {
        std::tie(error) = co_await acceptor_->async_accept(socket, kAwait);
      }
      if (error) {
        // Out of descriptors or memory: what is open may end and leave some.
        pause.expires_after(kTryAgainAfter);
        co_await pause.async_wait(kAwait);
        continue;
      }
      ++next;
      adopt(loop, std::move(socket));
    }
  }

  void adopt(Loop& loop, tcp::socket socket) {
    beast::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto shared = std::make_shared<tcp::socket>(std::move(socket));
    const bool crowded = ++open_ > options_.max_connections;
    metrics_.connections().Increment();
    asio::post(loop.context, [this, &loop, shared, crowded] {
      Session& session = loop.sessions.emplace_back(std::move(*shared));
      session.crowded = crowded && !loop.close_rested(clock_.monotonic() + options_.idle_timeout - options_.rest);
      const auto place = std::prev(loop.sessions.end());
      asio::co_spawn(loop.context, conversations_.converse(loop, session),
                     [this, &loop, place](const std::exception_ptr&) {
                       loop.sessions.erase(place);
                       metrics_.connections().Decrement();
                       const std::lock_guard lock(open_mutex_);
                       if (--open_ == 0) none_open_.notify_all();
                     });
    });
  }

  const ServerOptions options_;
  Metrics& metrics_;
  const base::Clock& clock_;

  std::vector<std::unique_ptr<Loop>> loops_;
  Conversations conversations_;  // ends its threads before the loops go
  std::optional<tcp::acceptor> acceptor_;
  std::optional<SharedAccept> shared_;
  std::string url_;
  std::uint16_t port_ = 0;
  beast::error_code ignored_;

  std::atomic<std::size_t> open_{0};
  std::mutex open_mutex_;
  std::condition_variable none_open_;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

}  // namespace

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerOptions& options, const Router& router,
                                                            Metrics& metrics, const base::Clock& clock) {
  auto server = std::make_unique<Server>(options, router, metrics, clock);
  if (const auto listening = server->listen(); !listening) return base::pass_on(listening);
  server->run();
  return server;
}

}  // namespace costagent
