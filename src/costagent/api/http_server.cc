#include "costagent/api/http_server.h"

#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "costagent/api/errors.h"

// GCC 12 may destroy a temporary within a co_await expression twice: whatever is awaited has a name, or is made of
// nothing but references and numbers.

namespace costagent {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

// Failures come back as values.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kReadSize = 4096;
// Over the limit of connections these are taken to be told so.
constexpr std::size_t kCrowd = 64;
constexpr std::chrono::milliseconds kAskAgainAfter{20};
// A refused client is listened to a little longer, as an answer may be lost when unread bytes are thrown away.
constexpr std::size_t kLingerBytes = 256 * 1024;
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::size_t kLongestRequestId = 128;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::remove;
    case http::verb::head:
      return Method::head;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

bool good_request_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestRequestId && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
}

// A header line of the current second, made once a second and thread.
std::string_view date_line(base::UtcTime now) {
  thread_local std::chrono::sys_seconds second{};
  thread_local std::string line;
  const auto current = std::chrono::floor<std::chrono::seconds>(now);
  if (current != second || line.empty()) {
    second = current;
    const std::time_t time = current.time_since_epoch().count();
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[64];
    const auto size = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    line.assign(text, size);
  }
  return line;
}

struct Session {
  explicit Session(tcp::socket socket) : stream(std::move(socket)) {}
  beast::tcp_stream stream;
  std::string head;      // of the answer; kept for its memory
  bool idle = true;      // no byte of a request has been read
  bool crowded = false;  // came when there were too many
};

// One I/O thread with its connections. Sessions are touched by this thread alone.
struct Loop {
  std::list<Session> sessions;
  asio::io_context context{1};
  std::thread thread;
};

using Parser = http::request_parser<http::string_body>;

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
        router_(router),
        metrics_(metrics),
        clock_(clock),
        workers_(std::max(1U, options.worker_threads)),
        id_prefix_(fmt::format("{:08x}-",
                               base::mix(static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())) >> 32)) {
    for (unsigned i = 0; i < std::max(1U, options.io_threads); ++i) loops_.push_back(std::make_unique<Loop>());
    acceptor_.emplace(loops_[0]->context);
  }

  ~Server() override {
    stop();
    workers_.join();
  }

  base::Result<> listen() {
    beast::error_code error;
    const auto address = asio::ip::make_address(options_.host, error);
    if (error) {
      return base::fail_field("listen", "'{}' is no address to listen on: expected one such as 127.0.0.1",
                              options_.host);
    }
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (!error) endpoint_ = acceptor_->local_endpoint(error);
    if (error) {
      return base::fail(base::ErrorKind::io, "can't listen on {}:{}: {}", options_.host, options_.port,
                        error.message());
    }
    return {};
  }

  void run() {
    asio::co_spawn(loops_[0]->context, accept(), asio::detached);
    for (auto& loop : loops_) {
      loop->thread = std::thread([&context = loop->context] {
        // Work until told to stop, even without a connection.
        const auto guard = asio::make_work_guard(context);
        context.run();
      });
    }
  }

  std::uint16_t port() const override { return endpoint_.port(); }

  std::string url() const override {
    const bool v6 = endpoint_.address().is_v6();
    return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", endpoint_.address().to_string(), v6 ? "]" : "", port());
  }

  void stop() override {
    const std::lock_guard once(stop_mutex_);
    if (stopped_) return;
    stopped_ = true;
    stopping_ = true;
    asio::post(loops_[0]->context, [this] { acceptor_->close(ignored_); });
    for (auto& loop : loops_) asio::post(loop->context, [&loop] { close_idle(*loop); });
    {
      std::unique_lock lock(open_mutex_);
      none_open_.wait_for(lock, options_.drain_timeout, [this] { return open_ == 0; });
    }
    for (auto& loop : loops_) loop->context.stop();
    for (auto& loop : loops_) {
      if (loop->thread.joinable()) loop->thread.join();
    }
  }

 private:
  // A request that has reached the kernel is still answered.
  static void close_idle(Loop& loop) {
    for (Session& session : loop.sessions) {
      beast::error_code ignored;
      auto& socket = session.stream.socket();
      if (session.idle && socket.available(ignored) == 0) session.stream.cancel();
    }
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(loops_[0]->context);
    std::size_t next = 0;
    while (!stopping_) {
      if (open_ >= options_.max_connections + kCrowd) {
        pause.expires_after(kAskAgainAfter);
        co_await pause.async_wait(kAwait);
        continue;
      }
      Loop& loop = *loops_[next++ % loops_.size()];
      auto [error, socket] = co_await acceptor_->async_accept(loop.context, kAwait);
      if (error) {
        // Out of descriptors or memory: what is open may end and leave some.
        pause.expires_after(kAskAgainAfter);
        co_await pause.async_wait(kAwait);
        continue;
      }
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
      asio::co_spawn(loop.context, converse(loop, session), [this, &loop, place](std::exception_ptr) {
        loop.sessions.erase(place);
        metrics_.connections().Decrement();
        const std::lock_guard lock(open_mutex_);
        if (--open_ == 0) none_open_.notify_all();
      });
    });
  }

  asio::awaitable<void> converse(Loop& loop, Session& session) {
    beast::flat_buffer buffer(options_.max_header + options_.max_body + kReadSize);
    for (bool more = true; more && !(stopping_ && buffer.size() == 0 && !waiting(session));) {
      if (buffer.size() == 0 && !co_await first_bytes(session, buffer)) break;
      more = co_await one_request(loop, session, buffer);
    }
    beast::error_code ignored;
    session.stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  static bool waiting(Session& session) {
    beast::error_code error;
    return session.stream.socket().available(error) > 0;
  }

  asio::awaitable<bool> first_bytes(Session& session, beast::flat_buffer& buffer) {
    session.idle = true;
    session.stream.expires_after(options_.idle_timeout);
    const auto space = buffer.prepare(kReadSize);
    const auto [error, size] = co_await session.stream.async_read_some(space, kAwait);
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
    session.stream.expires_after(options_.header_timeout);
    auto [error, size] = co_await http::async_read_header(session.stream, buffer, parser, kAwait);
    const auto began = clock_.monotonic();
    if (!error && !parser.is_done()) {
      session.stream.expires_after(options_.body_timeout);
      if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto line = asio::buffer(kContinue);
        co_await asio::async_write(session.stream, line, kAwait);
      }
      std::tie(error, size) = co_await http::async_read(session.stream, buffer, parser, kAwait);
    }

    std::string made_id;
    Answer answer;
    answer.request_id = request_id(parser, made_id);
    if (error) {
      const auto problem = problem_of(error, parser.is_header_done());
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

  // What to tell a client whose request could not be read; nothing if it is gone.
  std::optional<Problem> problem_of(const beast::error_code& error, bool header_done) const {
    if (error == http::error::body_limit) {
      return Problem{413, "too_large", fmt::format("a body may hold {} bytes", options_.max_body)};
    }
    if (error == http::error::header_limit || (error == http::error::buffer_overflow && !header_done)) {
      return Problem{431, "headers_too_large", fmt::format("the headers may hold {} bytes", options_.max_header)};
    }
    if (error == beast::error::timeout) {
      return Problem{408, "timeout", "the request did not arrive in time"};
    }
    if (error == http::error::end_of_stream || error == asio::error::operation_aborted ||
        error.category() == asio::error::get_system_category()) {
      return std::nullopt;
    }
    return Problem{400, "invalid_request", "the request is not HTTP/1.1: " + error.message()};
  }

  struct Target {
    std::string_view path;
    std::string_view query;
  };

  static Target target_of(const Parser& parser) {
    const auto target = view(parser.get().target());
    const auto path = target.substr(0, target.find_first_of("?#"));
    const auto rest = target.substr(path.size());
    const auto query = rest.starts_with('?') ? rest.substr(1, rest.find('#') - 1) : std::string_view();
    return {path, query};
  }

  void refuse(const Parser& parser, const Problem& problem, base::Nanoseconds began, Answer& answer) {
    const Method method = method_of(parser.get().method());
    const auto match = router_.match(method, target_of(parser).path);
    answer.response = problem_response(problem, answer.request_id, clock_.utc());
    answer.body_wanted = method != Method::head;
    count(match, method, answer, began);
  }

  void count(const Router::Match& match, Method method, const Answer& answer, base::Nanoseconds began) {
    const auto route = match.pattern == nullptr ? router_.patterns().size() : match.pattern->number;
    metrics_.count_request(route, method, answer.response.status, clock_.monotonic() - began);
  }

  // Finds the answer of a request that has been read.
  asio::awaitable<void> fill(Loop& loop, Session& session, Parser& parser, base::Nanoseconds began, Answer& answer) {
    const auto& message = parser.get();
    const auto [path, query] = target_of(parser);
    Request request{method_of(message.method()), path, query, message.body(), answer.request_id};
    answer.keep_alive = message.keep_alive() && !session.crowded;
    answer.body_wanted = request.method != Method::head;
    const auto match = router_.match(request.method, path);
    request.parameters = match.parameters;

    if (match.route == nullptr) {
      answer.response = unmatched(match, request);
    } else if (match.route->turn == Turn::at_once) {
      answer.response = handled(*match.route, request);
    } else if (session.crowded || in_flight_.fetch_add(1) >= options_.max_in_flight) {
      if (!session.crowded) --in_flight_;
      metrics_.count_refused();
      answer.response = problem_response({503, "overloaded", "too many requests are in flight: try again later"},
                                         request.request_id, clock_.utc());
    } else {
      metrics_.in_flight().Increment();
      co_await take_turn(loop, *match.route, request, answer.response);
      --in_flight_;
      metrics_.in_flight().Decrement();
    }
    if (stopping_) answer.keep_alive = false;
    count(match, request.method, answer, began);
  }

  // Runs the handler on a worker thread, and again as long as it wants to be asked again.
  asio::awaitable<void> take_turn(Loop& loop, const Router::Route& route, const Request& request, Response& response) {
    const auto first = [&] { response = handled(route, request); };
    co_await on_worker(first);
    asio::steady_timer pause(loop.context);
    while (response.ask_again) {
      const bool last = stopping_;
      if (!last) {
        pause.expires_after(kAskAgainAfter);
        co_await pause.async_wait(kAwait);
      }
      const auto again = [&] { response = asked_again(response.ask_again, last, request); };
      co_await on_worker(again);
    }
  }

  // Calls on a worker thread; the coroutine goes on in its own loop.
  template <class Call>
  asio::awaitable<void> on_worker(const Call& call) {
    const auto initiate = [this, &call](auto handler) {
      asio::post(workers_, [&call, resume = std::move(handler)]() mutable {
        call();
        auto home = asio::get_associated_executor(resume);
        asio::post(home, std::move(resume));
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
  }

  Response handled(const Router::Route& route, const Request& request) const {
    return guarded(request, [&] {
      auto response = route.handler(request);
      return response ? std::move(*response) : error_response(response.error(), request.request_id, clock_.utc());
    });
  }

  Response asked_again(const std::function<Response(bool)>& ask, bool last, const Request& request) const {
    return guarded(request, [&] { return ask(last); });
  }

  // Handlers throw nothing of their own; what a library or a lack of memory may throw ends here.
  template <class Call>
  Response guarded(const Request& request, Call call) const {
    try {
      return call();
    } catch (const std::exception& exception) {
      return error_response({base::ErrorKind::internal, exception.what()}, request.request_id, clock_.utc());
    }
  }

  Response unmatched(const Router::Match& match, const Request& request) const {
    if (match.pattern == nullptr) {
      return problem_response({404, "not_found", "there is nothing at this path"}, request.request_id, clock_.utc());
    }
    const auto allowed = router_.allowed(*match.pattern);
    auto response = problem_response({405, "method_not_allowed", "this path takes only " + allowed}, request.request_id,
                                     clock_.utc());
    response.headers.emplace_back("Allow", allowed);
    return response;
  }

  asio::awaitable<bool> send(Session& session, const Answer& answer) {
    const Response& response = answer.response;
    std::string& head = session.head;
    head.clear();
    const auto out = std::back_inserter(head);
    fmt::format_to(out, "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Request-Id: {}\r\n",
                   response.status, view(http::obsolete_reason(static_cast<http::status>(response.status))),
                   response.content_type, response.body.size(), answer.request_id);
    for (const auto& [name, value] : response.headers) fmt::format_to(out, "{}: {}\r\n", name, value);
    head += date_line(clock_.utc());
    head += answer.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    const auto body = answer.body_wanted ? asio::buffer(response.body) : asio::const_buffer();
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), body};
    session.stream.expires_after(options_.write_timeout);
    const auto [error, size] = co_await asio::async_write(session.stream, buffers, kAwait);
    co_return !error;
  }

  // Reads on after a refusal, so that the client gets to read the answer before the connection is torn down.
  asio::awaitable<void> linger(Session& session, beast::flat_buffer& buffer) {
    beast::error_code ignored;
    session.stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    session.stream.expires_after(kLinger);
    for (std::size_t read = 0; read < kLingerBytes && !stopping_;) {
      buffer.clear();
      const auto space = buffer.prepare(kReadSize);
      const auto [error, size] = co_await session.stream.async_read_some(space, kAwait);
      if (error) break;
      read += size;
    }
  }

  const ServerOptions options_;
  const Router& router_;
  Metrics& metrics_;
  const base::Clock& clock_;

  std::vector<std::unique_ptr<Loop>> loops_;
  asio::thread_pool workers_;
  std::optional<tcp::acceptor> acceptor_;
  tcp::endpoint endpoint_;
  beast::error_code ignored_;

  const std::string id_prefix_;
  std::atomic<std::uint64_t> request_number_{0};
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<bool> stopping_{false};
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
