// What is said on connections: requests are read, worked on in their turn and answered, one after the other. For
// http_server.cc alone, as it brings Beast's templates.
#pragma once

#include <array>
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "base/random.h"
#include "costagent/api/dispatcher.h"
#include "costagent/api/http_text.h"
#include "costagent/api/loop.h"
#include "costagent/api/read_request.h"
#include "costagent/api/turns.h"
#include "costagent/api/upload_body.h"

// GCC 12 may destroy a temporary within a co_await expression twice: whatever is awaited has a name, or is made of
// nothing but references and numbers.

namespace costagent {

// A place among the loop's waiters for as long as this lives, on the loop's thread.
class Waiting {
 public:
  Waiting(Loop& loop, std::string awaited)
      : loop_(loop),
        at_(loop.waiters.insert(loop.waiters.end(), {std::move(awaited), asio::steady_timer(loop.context)})) {}
  ~Waiting() { loop_.waiters.erase(at_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  Waiter& at() const { return *at_; }

 private:
  Loop& loop_;
  const std::list<Waiter>::iterator at_;
};

// Each conversation is its loop's; the rest is thread-safe. What it is made of must outlive it, and so must the loops
// whose coroutines wait here.
class Conversations {
 public:
  static constexpr std::chrono::milliseconds kLinger{2000};
  // Between two questions, where the time for them ends.
  static constexpr base::Nanoseconds kShortestPause = std::chrono::milliseconds(1);

  Conversations(const ServerOptions& options, const Router& router, Metrics& metrics, const base::Clock& clock)
      : options_(options),
        dispatcher_(router, metrics, clock),
        metrics_(metrics),
        clock_(clock),
        turns_({std::max(1U, options.worker_threads), std::max<std::size_t>(1, options.max_in_flight),
                static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())},
               clock, metrics),
        id_prefix_(fmt::format("{:08x}-",
                               base::mix(static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())) >> 32)) {}

  // From now on every answer is its connection's last.
  void stop_soon() { stopping_ = true; }
  bool stopping() const { return stopping_; }
  // And who asks for nothing is not waited for.
  void close_idle() { closing_ = true; }
  // Whoever waits for his turn is refused.
  void close() { turns_.close(); }

  asio::awaitable<void> look_after(Loop& loop) { return turns_.look_after(loop); }

  // As long as the connection.
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

 private:
  static constexpr std::size_t kReadSize = 4096;
  // A refused client is listened to a little longer, as an answer may be lost when unread bytes are thrown away.
  static constexpr std::size_t kLingerBytes = 256 * 1024;

  struct Answer {
    Response response;
    std::string_view request_id;
    bool keep_alive = false;
    bool body_wanted = true;  // not by HEAD
  };

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
    parser.body_limit(boost::none);  // until it is known where the body goes
    session.allow(options_.header_timeout, clock_.monotonic());
    auto [error, size] = co_await http::async_read_header(session.socket, buffer, parser, kAwait);
    const auto began = clock_.monotonic();
    const auto broken = error ? std::nullopt : problem_of_framing(framing_of(parser));
    std::string made_id;
    Answer answer;
    answer.request_id = request_id(parser.get(), made_id);
    if (!error && !broken && !parser.is_done()) {
      Request request = request_of({parser.get()}, answer.request_id);
      if (const auto length = parser.content_length()) request.content_length = *length;
      auto decision = dispatcher_.decide_body(request);
      if (decision.response || decision.incoming) {
        co_return co_await one_upload(loop, session, buffer, parser, decision, began);
      }
      parser.body_limit(options_.max_body);
      if (request.content_length > options_.max_body) {
        error = http::error::body_limit;
      } else {
        session.allow(options_.body_timeout, clock_.monotonic());
        co_await tell_to_go_on(session, parser.get());
        std::tie(error, size) = co_await http::async_read(session.socket, buffer, parser, kAwait);
      }
    }
    if (error || broken) {
      const auto problem = broken ? Problem{400, "invalid_request", *broken}
                                  : problem_of(options_, session, error, parser.is_header_done(), options_.max_body);
      if (!problem) co_return false;
      refuse(parser.get(), dispatcher_.problem(*problem, answer.request_id), began, answer);
      co_return co_await send_last(session, buffer, answer);
    }
    const ReadRequest read{parser.get(), parser.keep_alive(), parser.get().body()};
    co_await fill(loop, session, read, began, answer);
    const bool sent = co_await send(session, answer);
    co_return sent&& answer.keep_alive;
  }

  // The same of a request whose body goes elsewhere than into memory.
  asio::awaitable<bool> one_upload(Loop& loop, Session& session, beast::flat_buffer& buffer, Parser& begun,
                                   Dispatcher::BodyDecision& decision, base::Nanoseconds began) {
    UploadParser parser(std::move(begun));
    parser.body_limit(options_.max_upload);
    const Head& head = parser.get();
    std::string made_id;
    Answer answer;
    answer.request_id = request_id(head, made_id);
    Uploaded uploaded;
    if (decision.response) {
      refuse(head, std::move(*decision.response), began, answer);
      co_return co_await send_last(session, buffer, answer);
    }
    // For as long as the body is read, and no longer: neither its handler nor a client that doesn't read keeps it.
    std::optional<Share> place(std::in_place, uploading_, 1);
    const Refusal full = session.crowded                     ? Refusal::crowded
                         : uploading_ > options_.max_uploads ? Refusal::full
                                                             : Refusal::none;
    if (full != Refusal::none) {
      place.reset();
      metrics_.count_refused(full);
      refuse(head, dispatcher_.refusal(full, turns_.retry_after_s(), answer.request_id), began, answer);
      co_return co_await send_last(session, buffer, answer);
    }
    if (parser.content_length().value_or(0) > options_.max_upload) {
      uploaded.error = http::error::body_limit;
    } else {
      co_await tell_to_go_on(session, head);
      uploaded =
          co_await read_upload(session, buffer, parser, *decision.incoming, turns_, options_.body_timeout, clock_);
    }
    place.reset();
    if (!uploaded.error && uploaded.kept) {
      const ReadRequest read{head, parser.keep_alive(), {}, decision.incoming.get()};
      co_await fill(loop, session, read, began, answer);
      const bool sent = co_await send(session, answer);
      co_return sent&& answer.keep_alive;
    }
    const auto problem = problem_of(options_, session, uploaded.error, true, options_.max_upload);
    if (uploaded.error && !problem) co_return false;
    refuse(head,
           uploaded.error ? dispatcher_.problem(*problem, answer.request_id)
                          : dispatcher_.failure(uploaded.kept.error(), answer.request_id),
           began, answer);
    co_return co_await send_last(session, buffer, answer);
  }

  static asio::awaitable<void> tell_to_go_on(Session& session, const Head& head) {
    if (!beast::iequals(head[http::field::expect], "100-continue")) co_return;
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto line = asio::buffer(kContinue);
    co_await asio::async_write(session.socket, line, kAwait);
  }

  std::string_view request_id(const Head& head, std::string& made) {
    const auto given = view(head["X-Request-Id"]);
    if (good_request_id(given)) return given;
    made = fmt::format("{}{:x}", id_prefix_, ++request_number_);
    return made;
  }

  void refuse(const Head& head, Response response, base::Nanoseconds began, Answer& answer) {
    const Method method = method_of(view(head.method_string()));
    answer.response = std::move(response);
    answer.body_wanted = method != Method::head;
    const auto pattern = dispatcher_.pattern_of(method, split_target(view(head.target())).path);
    dispatcher_.count(pattern, method, answer.response.status, began);
  }

  // The answer after which the connection ends, as what the client still sends can't be told from a request.
  asio::awaitable<bool> send_last(Session& session, beast::flat_buffer& buffer, const Answer& answer) {
    co_await send(session, answer);
    co_await linger(session, buffer);
    co_return false;
  }

  // Finds the answer of a request that has been read.
  asio::awaitable<void> fill(Loop& loop, Session& session, const ReadRequest& read, base::Nanoseconds began,
                             Answer& answer) {
    Request request = request_of(read, answer.request_id);
    answer.keep_alive = read.keep_alive && !session.crowded;
    answer.body_wanted = request.method != Method::head;
    const auto deadline = deadline_of(view(read.head[kTimeoutHeader]));
    if (!deadline) {
      const Problem problem{422, "invalid_field", "expected whole milliseconds, 1 to 86400000", kTimeoutHeader};
      refuse(read.head, dispatcher_.problem(problem, answer.request_id), began, answer);
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
    const Waiting waiting(loop, std::exchange(response.awaited, {}));
    Waiter& waiter = waiting.at();
    auto next = options_.ask_again_after;
    while (response.ask_again) {
      const bool last = stopping_;
      if (!last && !std::exchange(waiter.woken, false)) {
        waiter.pause.expires_after(
            std::clamp(response.ask_until - clock_.monotonic(), kShortestPause, base::Nanoseconds(next)));
        co_await waiter.pause.async_wait(kAwait);
        waiter.woken = false;
        next = std::min(next * 2, options_.ask_seldom);
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

  const ServerOptions& options_;
  Dispatcher dispatcher_;
  Metrics& metrics_;
  const base::Clock& clock_;
  Turns turns_;

  const std::string id_prefix_;
  std::atomic<std::uint64_t> request_number_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> closing_{false};
  std::atomic<std::size_t> uploading_{0};  // bodies that go elsewhere than into memory
  std::atomic<std::size_t> asking_{0};     // requests whose answer isn't known yet
  std::atomic<std::size_t> unread_{0};     // bytes of answers that are being written
};

}  // namespace costagent
