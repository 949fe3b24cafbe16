#include "costagent/api/http_server.h"

#include <fcntl.h>

#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "costagent/api/dispatcher.h"
#include "costagent/api/http_text.h"
#include "costagent/api/listener.h"
#include "costagent/api/loop.h"
#include "costagent/api/read_request.h"
#include "costagent/api/shared_accept.h"
#include "costagent/api/turns.h"

// All of Beast and Asio is in this file and in the headers that are for it alone, as their templates take a quarter of
// a minute to compile.
//
// GCC 12 may destroy a temporary within a co_await expression twice: whatever is awaited has a name, or is made of
// nothing but references and numbers.

namespace costagent {
namespace {

constexpr std::size_t kReadSize = 4096;
// Over the limit of connections these are taken to be told so.
constexpr std::size_t kCrowd = 64;
constexpr std::chrono::milliseconds kTryAgainAfter{20};
// What isn't known yet is asked for soon, and then ever more seldom: most of what is waited for is over at once or
// takes seconds, and each time is a question to the database.
constexpr std::chrono::milliseconds kAskAgainAfter{20};
constexpr std::chrono::milliseconds kAskSeldom{250};
// A refused client is listened to a little longer, as an answer may be lost when unread bytes are thrown away.
constexpr std::size_t kLingerBytes = 256 * 1024;
constexpr std::chrono::milliseconds kLinger{2000};

struct Answer {
  Response response;
  std::string_view request_id;
  bool keep_alive = false;
  bool body_wanted = true;  // not by HEAD
};

class Server final : public HttpServer {
 public:
  Server(const ServerOptions& options, const Router& router, Metrics& metrics, const base::Clock& clock)
      : options_(options),
        dispatcher_(router, metrics, clock),
        metrics_(metrics),
        clock_(clock),
        turns_({std::max(1U, options.worker_threads), std::max<std::size_t>(1, options.max_in_flight),
                static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())},
               clock, metrics),
        id_prefix_(fmt::format("{:08x}-",
                               base::mix(static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())) >> 32)) {
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
    asio::co_spawn(loops_[0]->context, accept(), asio::detached);
    for (auto& loop : loops_) {
      loop->last_turn = clock_.monotonic();
      asio::co_spawn(loop->context, loop->watch(clock_, tick()), asio::detached);
      asio::co_spawn(loop->context, turns_.look_after(*loop), asio::detached);
      loop->start();
    }
  }

  std::uint16_t port() const override { return port_; }

  std::string url() const override { return url_; }

  base::Nanoseconds last_turn() const override {
    auto last = base::Nanoseconds::max();
    for (const auto& loop : loops_) last = std::min(last, loop->last_turn.load());
    return last;
  }

  void stop() override {
    const std::lock_guard once(stop_mutex_);
    if (stopped_) return;
    stopped_ = true;
    stopping_ = true;
    asio::post(loops_[0]->context, [this] { acceptor_->close(ignored_); });
    {
      std::unique_lock lock(open_mutex_);
      none_open_.wait_for(lock, options_.idle_grace, [this] { return open_ == 0; });
    }
    closing_ = true;
    for (auto& loop : loops_) asio::post(loop->context, [&loop] { loop->close_idle(); });
    {
      std::unique_lock lock(open_mutex_);
      none_open_.wait_for(lock, options_.drain_timeout, [this] { return open_ == 0; });
    }
    turns_.close();
    for (auto& loop : loops_) asio::post(loop->context, [&loop] { loop->close_all(); });
    for (auto& loop : loops_) {
      if (loop->thread.joinable()) loop->thread.join();
    }
  }

 private:
  // A time-out is late by a tenth of itself at most, or by a quarter of a second.
  std::chrono::milliseconds tick() const {
    const auto shortest = std::min(
        {options_.idle_timeout, options_.header_timeout, options_.body_timeout, options_.write_timeout, kLinger});
    return std::clamp(shortest / 10, std::chrono::milliseconds(1), std::chrono::milliseconds(250));
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(loops_[0]->context);
    std::size_t next = 0;
    while (!stopping_) {
      if (open_ >= options_.max_connections + kCrowd) {
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
    const bool crowded = ++open_ > options_.max_connections;
    metrics_.connections().Increment();
    auto shared = std::make_shared<tcp::socket>(std::move(socket));
    asio::post(loop.context, [this, &loop, shared, crowded] {
      Session& session = loop.sessions.emplace_back(std::move(*shared));
      session.crowded = crowded;
      const auto place = std::prev(loop.sessions.end());
      asio::co_spawn(loop.context, converse(loop, session), [this, &loop, place](const std::exception_ptr&) {
        loop.sessions.erase(place);
        metrics_.connections().Decrement();
        const std::lock_guard lock(open_mutex_);
        if (--open_ == 0) none_open_.notify_all();
      });
    });
  }

  asio::awaitable<void> converse(Loop& loop, Session& session) {
    beast::flat_buffer buffer(options_.max_header + options_.max_body + kReadSize);
    for (bool more = true; more && !(closing_ && buffer.size() == 0 && !session.waiting());) {
      if (buffer.size() == 0 && !co_await first_bytes(session, buffer)) break;
      skip_empty_lines(buffer);
      if (buffer.size() == 0) continue;
      more = co_await one_request(loop, session, buffer);
    }
    beast::error_code ignored;
    session.socket.shutdown(tcp::socket::shutdown_send, ignored);
  }

  // Some clients end a body with a line that is not part of it (RFC 9112, section 2.2).
  static void skip_empty_lines(beast::flat_buffer& buffer) {
    while (view({static_cast<const char*>(buffer.data().data()), buffer.size()}).starts_with("\r\n")) buffer.consume(2);
  }

  asio::awaitable<bool> first_bytes(Session& session, beast::flat_buffer& buffer) {
    session.idle = true;
    session.allow(options_.idle_timeout, clock_.monotonic());
    const auto space = buffer.prepare(kReadSize);
    const auto [error, size] = co_await session.socket.async_read_some(space, kAwait);
    session.idle = false;
    if (error) co_return false;
    buffer.commit(size);
    co_return true;
  }

  // Reads one request and answers it; false when the connection is over.
  asio::awaitable<bool> one_request(Loop& loop, Session& session, beast::flat_buffer& buffer) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options_.max_header));
    parser.body_limit(options_.max_body);
    session.allow(options_.header_timeout, clock_.monotonic());
    auto [error, size] = co_await http::async_read_header(session.socket, buffer, parser, kAwait);
    const auto began = clock_.monotonic();
    const auto broken = error ? std::nullopt : problem_of_framing(framing_of(parser));
    if (!error && !broken && !parser.is_done()) {
      session.allow(options_.body_timeout, clock_.monotonic());
      if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto line = asio::buffer(kContinue);
        co_await asio::async_write(session.socket, line, kAwait);
      }
      std::tie(error, size) = co_await http::async_read(session.socket, buffer, parser, kAwait);
    }

    std::string made_id;
    Answer answer;
    answer.request_id = request_id(parser, made_id);
    if (error || broken) {
      const auto problem = broken ? Problem{400, "invalid_request", *broken}
                                  : problem_of(options_, session, error, parser.is_header_done());
      if (!problem) co_return false;
      refuse(parser, *problem, began, answer);
      co_await send(session, answer);
      co_await linger(session, buffer);
      co_return false;
    }
    co_await fill(loop, session, parser, began, answer);
    const bool sent = co_await send(session, answer);
    co_return sent&& answer.keep_alive;
  }

  std::string_view request_id(const Parser& parser, std::string& made) {
    const auto given = view(parser.get()["X-Request-Id"]);
    if (good_request_id(given)) return given;
    made = fmt::format("{}{:x}", id_prefix_, ++request_number_);
    return made;
  }

  void refuse(const Parser& parser, const Problem& problem, base::Nanoseconds began, Answer& answer) {
    const Method method = method_of(view(parser.get().method_string()));
    const auto path = split_target(view(parser.get().target())).path;
    auto decision = dispatcher_.refuse(method, path, problem, answer.request_id);
    answer.response = std::move(decision.response);
    answer.body_wanted = method != Method::head;
    dispatcher_.count(decision.pattern, method, answer.response.status, began);
  }

  // Finds the answer of a request that has been read.
  asio::awaitable<void> fill(Loop& loop, Session& session, Parser& parser, base::Nanoseconds began, Answer& answer) {
    const auto& message = parser.get();
    const auto [path, query] = split_target(view(message.target()));
    Request request{method_of(view(message.method_string())), path, query, message.body(), answer.request_id};
    answer.keep_alive = message.keep_alive() && !session.crowded;
    answer.body_wanted = request.method != Method::head;
    const auto deadline = deadline_of(view(message[kTimeoutHeader]));
    if (!deadline) {
      const Problem problem{422, "invalid_field", "expected whole milliseconds, 1 to 86400000", kTimeoutHeader};
      refuse(parser, problem, began, answer);
      co_return;
    }
    auto decision = dispatcher_.decide(request);
    answer.response = std::move(decision.response);
    if (decision.route != nullptr) {
      // Nothing is read or written meanwhile.
      session.allow(std::chrono::milliseconds(0), began);
      const Refusal why = co_await work_on(loop, session, *decision.route, request, *deadline, answer.response);
      if (why != Refusal::none) {
        answer.response = dispatcher_.refusal(why, turns_.retry_after_s(), request.request_id);
      }
    }
    if (stopping_) answer.keep_alive = false;
    dispatcher_.count(decision.pattern, request.method, answer.response.status, began);
  }

  // Of a request that has just been read; nothing if the client's own words on it can't be read.
  std::optional<base::Nanoseconds> deadline_of(std::string_view given) const {
    const auto allowed = given.empty() ? options_.request_timeout : read_timeout(given);
    if (!allowed) return std::nullopt;
    return clock_.monotonic() + std::min(*allowed, options_.request_timeout);
  }

  // Runs the handler in its turn, if it gets one.
  asio::awaitable<Refusal> work_on(Loop& loop, Session& session, const Router::Route& route, Request& request,
                                   base::Nanoseconds deadline, Response& response) {
    const auto call = [&] { response = dispatcher_.run(route, request); };
    if (route.turn == Turn::probe) {
      request.load = turns_.load();
      co_return co_await turns_.probe(call);
    }
    const Refusal closed = session.crowded                 ? Refusal::crowded
                           : unread_ > options_.max_unread ? Refusal::unread
                                                           : Refusal::none;
    if (closed != Refusal::none) {
      metrics_.count_refused(closed);
      co_return closed;
    }
    const Weight weight = route.turn == Turn::heavy ? Weight::heavy : Weight::light;
    const Refusal why = co_await turns_.take(session, weight, deadline, call);
    if (why == Refusal::none && response.ask_again) co_await ask_on(loop, session, request, response);
    co_return why;
  }

  // Asks for as long as the answer isn't known, and is in flight only while it does. Where it may not wait or ask, what
  // it knows last is the answer.
  asio::awaitable<void> ask_on(Loop& loop, Session& session, const Request& request, Response& response) {
    const Share place(asking_, 1);
    if (asking_ > options_.max_in_flight) response.ask_again = nullptr;
    asio::steady_timer pause(loop.context);
    auto next = kAskAgainAfter;
    while (response.ask_again) {
      const bool last = stopping_;
      if (!last) {
        pause.expires_after(next);
        co_await pause.async_wait(kAwait);
        next = std::min(next * 3 / 2, kAskSeldom);
      }
      const auto again = [&] { response = dispatcher_.run_again(response.ask_again, last, request); };
      const auto deadline = clock_.monotonic() + options_.request_timeout;
      const Refusal why = co_await turns_.take(session, Weight::light, deadline, again);
      if (why != Refusal::none) response.ask_again = nullptr;
    }
  }

  asio::awaitable<bool> send(Session& session, const Answer& answer) {
    const Response& response = answer.response;
    write_head(response, answer.request_id, answer.keep_alive, clock_.utc(), session.head);
    const auto body = answer.body_wanted ? asio::buffer(response.body) : asio::const_buffer();
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(session.head), body};
    session.allow(options_.write_timeout, clock_.monotonic());
    const Share share(unread_, body.size());
    const auto [error, size] = co_await asio::async_write(session.socket, buffers, kAwait);
    co_return !error;
  }

  // Reads on after a refusal, so that the client gets to read the answer before the connection is torn down.
  asio::awaitable<void> linger(Session& session, beast::flat_buffer& buffer) {
    beast::error_code ignored;
    session.socket.shutdown(tcp::socket::shutdown_send, ignored);
    session.allow(kLinger, clock_.monotonic());
    for (std::size_t read = 0; read < kLingerBytes && !stopping_;) {
      buffer.clear();
      const auto space = buffer.prepare(kReadSize);
      const auto [error, size] = co_await session.socket.async_read_some(space, kAwait);
      if (error) break;
      read += size;
    }
  }

  const ServerOptions options_;
  Dispatcher dispatcher_;
  Metrics& metrics_;
  const base::Clock& clock_;

  std::vector<std::unique_ptr<Loop>> loops_;
  Turns turns_;  // ends its threads before the loops go
  std::optional<tcp::acceptor> acceptor_;
  std::optional<SharedAccept> shared_;
  std::string url_;
  std::uint16_t port_ = 0;
  beast::error_code ignored_;

  const std::string id_prefix_;
  std::atomic<std::uint64_t> request_number_{0};
  std::atomic<bool> stopping_{false};  // accepts nothing more, and every answer is its connection's last
  std::atomic<bool> closing_{false};   // and connections without a request are closed
  std::atomic<std::size_t> open_{0};
  std::atomic<std::size_t> asking_{0};  // requests whose answer isn't known yet
  std::atomic<std::size_t> unread_{0};  // bytes of answers that are being written
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
