// Beast and Asio's templates take a quarter of a minute to compile; they are kept in this file.
#include "costagent/api/server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "costagent/api/errors.h"

namespace costagent {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::string_view kPrefix = "/api/v1";
constexpr std::string_view kUnmatched = "unmatched";  // the route that unknown paths count under
constexpr std::string_view kMalformed = "malformed";  // … and what is not HTTP at all
constexpr std::size_t kLongestRequestId = 128;

// Methods are counted as they came only if they are ones that HTTP knows; a client must not be able to invent series.
std::string_view countable(std::string_view method) {
  for (const std::string_view known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    if (method == known) return known;
  }
  return "other";
}

bool usable_request_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestRequestId && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

bool parse_query(std::string_view text, std::map<std::string, std::string>& query) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string name;
    std::string value;
    if (!decode_url(pair.substr(0, equals), true, name)) return false;
    if (equals != std::string_view::npos && !decode_url(pair.substr(equals + 1), true, value)) return false;
    query[name] = value;
  }
  return true;
}

// Path and query of a request's target.
bool parse_target(std::string_view target, Request& request) {
  const auto question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (path.starts_with(kPrefix) && path.size() > kPrefix.size() && path[kPrefix.size()] == '/')
    path.remove_prefix(kPrefix.size());
  if (!path.starts_with('/') || !decode_url(path, false, request.path)) return false;
  return question == std::string_view::npos || parse_query(target.substr(question + 1), request.query);
}

class BeastServer final : public Server {
 public:
  BeastServer(const Router& router, Metrics& metrics, const base::Clock& clock, const ServerLimits& limits)
      : router_(router),
        metrics_(metrics),
        clock_(clock),
        limits_(limits),
        acceptor_(io_),
        signals_(io_),
        grace_timer_(io_),
        workers_(static_cast<std::size_t>(limits.workers > 0 ? limits.workers
                                                             : std::max(2u, std::thread::hardware_concurrency()))),
        ids_(static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())) {}

  ~BeastServer() override { workers_.join(); }

  base::Result<> open(const std::string& host, std::uint16_t port) {
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) return base::fail(base::ErrorKind::invalid, "'{}' is not an IP address to listen on", host);
    const tcp::endpoint endpoint(address, port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(4096, error);
    if (error) return base::fail(base::ErrorKind::io, "can't listen on {}:{}: {}", host, port, error.message());
    return {};
  }

  std::uint16_t port() const override { return acceptor_port_; }
  void remember_port() { acceptor_port_ = acceptor_.local_endpoint().port(); }

  void run(bool obey_signals) override {
    if (obey_signals) {
      signals_.add(SIGTERM);
      signals_.add(SIGINT);
      signals_.async_wait([this](error_code error, int) {
        if (!error) drain();
      });
    }
    asio::co_spawn(io_, accept(), asio::detached);
    io_.run();
    workers_.join();
  }

  void stop() override {
    asio::post(io_, [this] { drain(); });
  }

 private:
  // A connection, as long as its coroutine runs.
  struct Session {
    explicit Session(tcp::socket socket) : stream(std::move(socket)) {}
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    bool idle = true;  // between requests: may be closed when the server stops
  };

  asio::awaitable<void> accept() {
    for (;;) {
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (draining_) co_return;
      if (error) {
        // Out of descriptors, mostly: the connections there are go on, and some will end.
        asio::steady_timer pause(io_, std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if (static_cast<int>(sessions_.size()) >= limits_.max_connections) continue;
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      auto session = std::make_shared<Session>(std::move(socket));
      sessions_.insert(session.get());
      metrics_.set_connections(static_cast<int>(sessions_.size()));
      asio::co_spawn(io_, serve(session), [this, session](std::exception_ptr failure) {
        sessions_.erase(session.get());
        metrics_.set_connections(static_cast<int>(sessions_.size()));
        if (failure) log_failure(failure);
        end_if_drained();
      });
    }
  }

  static void log_failure(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      base::log(base::LogLevel::warn, "a connection ended unexpectedly: {}", error.what());
    }
  }

  // One connection's requests, one after the other.
  asio::awaitable<void> serve(std::shared_ptr<Session> session) {
    for (;;) {
      session->idle = session->buffer.size() == 0;
      if (draining_ && session->idle) break;
      http::request_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(limits_.max_header_bytes));
      parser.body_limit(limits_.max_body_bytes);
      session->stream.expires_after(limits_.idle_timeout);
      error_code error;
      co_await http::async_read_header(session->stream, session->buffer, parser,
                                       asio::redirect_error(asio::use_awaitable, error));
      session->idle = false;
      if (!error) error = co_await read_body(*session, parser);
      if (error) {
        co_await refuse_unreadable(*session, parser, error);
        break;
      }
      const base::Nanoseconds began = clock_.monotonic();
      auto message = parser.release();
      Request request = request_of(message);
      const bool head = message.method() == http::verb::head;
      Answer answer = co_await answer_to(std::move(message), std::move(request));
      const bool keep_alive = answer.keep_alive && !draining_;
      metrics_.count_request(countable(answer.method), answer.route, answer.response.status,
                             clock_.monotonic() - began);
      if (!co_await write(*session, answer, head, keep_alive) || !keep_alive) break;
    }
    error_code ignored;
    session->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  // Tells a client that asks first to go on, then takes the body.
  asio::awaitable<error_code> read_body(Session& session, http::request_parser<http::string_body>& parser) {
    error_code error;
    const auto length = parser.content_length();
    if (length && *length > limits_.max_body_bytes) co_return http::error::body_limit;
    if (parser.is_done()) co_return error;
    session.stream.expires_after(limits_.body_timeout);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      const auto text = asio::buffer(kContinue);
      co_await asio::async_write(session.stream, text, asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return error;
    }
    co_await http::async_read(session.stream, session.buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  // Answers what can't be read as a request, if somebody is there to be told, and counts it.
  asio::awaitable<void> refuse_unreadable(Session& session, http::request_parser<http::string_body>& parser,
                                          error_code error) {
    int status = 0;
    std::string_view message = "this is not a request that HTTP/1.1 knows";
    if (error == http::error::header_limit) {
      status = 431;
      message = "the request's head is larger than this server takes";
    } else if (error == http::error::body_limit) {
      status = 413;
      message = "the request's body is larger than this server takes";
    } else if (error == beast::error::timeout && parser.is_header_done()) {
      status = 408;
      message = "the request's body did not arrive in time";
    } else if (error.category() == make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      status = 400;
    }
    if (status == 0) co_return;
    Request request;
    request.request_id = new_request_id();
    Answer answer;
    answer.method = parser.is_header_done() ? std::string(parser.get().method_string()) : "other";
    answer.route = kMalformed;
    if (parser.is_header_done()) {
      Request target;
      const auto text = parser.get().target();
      if (parse_target({text.data(), text.size()}, target)) {
        const Router::Match match = router_.find(answer.method, target.path);
        answer.route = match.path_template.empty() ? kUnmatched : match.path_template;
      }
    }
    answer.request_id = request.request_id;
    answer.response = error_response(status, message, status == 413 ? "body" : "", request, clock_);
    metrics_.count_request(countable(answer.method), answer.route, status, base::Nanoseconds{0});
    session.stream.expires_after(limits_.write_timeout);
    co_await write(session, answer, false, false);
    co_await drain_input(session);
  }

  // Closing with unread input would reset the connection and could take the answer with it: a little is read and
  // dropped.
  asio::awaitable<void> drain_input(Session& session) {
    constexpr std::size_t kMost = 1024 * 1024;
    error_code error;
    session.stream.socket().shutdown(tcp::socket::shutdown_send, error);
    session.stream.expires_after(std::chrono::seconds(1));
    std::vector<char> sink(16 * 1024);
    const auto buffer = asio::buffer(sink);
    for (std::size_t dropped = 0; dropped < kMost && !error;) {
      dropped += co_await session.stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
    }
  }

  struct Answer {
    Response response;
    std::string_view route;
    std::string method;
    std::string request_id;
    bool keep_alive = true;
  };

  Request request_of(const http::request<http::string_body>& message) {
    Request request;
    const auto method = message.method_string();
    request.method.assign(method.data(), method.size());
    const auto id = message["X-Request-Id"];
    const std::string_view given(id.data(), id.size());
    request.request_id = usable_request_id(given) ? std::string(given) : new_request_id();
    return request;
  }

  asio::awaitable<Answer> answer_to(http::request<http::string_body> message, Request request) {
    Answer answer;
    answer.keep_alive = message.keep_alive();
    answer.method = request.method;
    answer.request_id = request.request_id;
    const auto target = message.target();
    if (!parse_target({target.data(), target.size()}, request)) {
      answer.route = kUnmatched;
      answer.response =
          error_response(400, "the request's target has a broken escape or is no path", "", request, clock_);
      co_return answer;
    }
    Router::Match match = router_.find(request.method, request.path);
    answer.route = match.path_template.empty() ? kUnmatched : match.path_template;
    if (match.route == nullptr) {
      answer.response = not_routed(match, request);
      co_return answer;
    }
    request.parameters = std::move(match.parameters);
    request.body = std::move(message.body());
    if (match.route->always) {
      answer.response = handle(match.route->handler, request);
    } else if (in_flight_ >= limits_.max_in_flight) {
      metrics_.count_refused();
      answer.response =
          error_response(503, "too many requests are in flight; try again in a moment", "", request, clock_);
    } else {
      metrics_.set_in_flight(++in_flight_);
      answer.response = co_await on_worker(match.route->handler, request);
      metrics_.set_in_flight(--in_flight_);
    }
    co_return answer;
  }

  Response not_routed(const Router::Match& match, const Request& request) {
    if (match.allowed.empty()) return error_response(404, "there is nothing at " + request.path, "", request, clock_);
    std::string allowed;
    for (const std::string& method : match.allowed) allowed += (allowed.empty() ? "" : ", ") + method;
    Response response = error_response(405, request.path + " takes only " + allowed, "", request, clock_);
    response.headers.emplace_back("Allow", allowed);
    return response;
  }

  Response handle(const Handler& handler, const Request& request) {
    try {
      return handler(request);
    } catch (const std::exception& error) {
      // Handlers don't throw; a library below may when memory is short. One request then fails, and not the server.
      return error_response(base::Error{base::ErrorKind::internal, error.what()}, request, clock_);
    }
  }

  // Runs a handler on a worker thread and comes back to this one with its answer.
  asio::awaitable<Response> on_worker(const Handler& handler, const Request& request) {
    auto response = std::make_shared<Response>();
    const auto start = [&](auto done) {
      // Nothing else may be going on here meanwhile; the guard keeps the loop from ending.
      auto guard = asio::make_work_guard(io_);
      asio::post(workers_,
                 [this, &handler, &request, response, guard = std::move(guard), done = std::move(done)]() mutable {
                   *response = handle(handler, request);
                   asio::post(io_, std::move(done));
                 });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
    co_return std::move(*response);
  }

  // The HTTP date changes once a second.
  std::string_view date() {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.utc());
    if (now == date_at_ && !date_.empty()) return date_;
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{now - day};
    date_at_ = now;
    date_ = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                        static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                        static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                        clock.seconds().count());
    return date_;
  }

  // False when the client did not take it.
  asio::awaitable<bool> write(Session& session, const Answer& answer, bool head, bool keep_alive) {
    const Response& response = answer.response;
    std::string text;
    text.reserve(256 + response.body.size());
    fmt::format_to(std::back_inserter(text),
                   "HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Request-Id: {}\r\n",
                   response.status, reason_of(response.status), date(), response.content_type, response.body.size(),
                   answer.request_id);
    for (const auto& [name, value] : response.headers)
      fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
    if (!keep_alive) text += "Connection: close\r\n";
    text += "\r\n";
    if (!head) text += response.body;
    session.stream.expires_after(limits_.write_timeout);
    error_code error;
    const auto buffer = asio::buffer(text);
    co_await asio::async_write(session.stream, buffer, asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  std::string new_request_id() { return fmt::format("{:016x}", ids_.next()); }

  void drain() {
    if (draining_) return;
    draining_ = true;
    base::log(base::LogLevel::info, "stopping: {} requests in flight", in_flight_);
    error_code ignored;
    acceptor_.close(ignored);
    signals_.cancel(ignored);
    for (Session* session : sessions_) {
      if (session->idle) session->stream.cancel();
    }
    grace_timer_.expires_after(limits_.grace);
    grace_timer_.async_wait([this](error_code error) {
      if (error) return;
      base::log(base::LogLevel::warn, "{} connections did not end in time and are closed", sessions_.size());
      for (Session* session : sessions_) session->stream.close();
    });
    end_if_drained();
  }

  void end_if_drained() {
    if (draining_ && sessions_.empty()) grace_timer_.cancel();
  }

  const Router& router_;
  Metrics& metrics_;
  const base::Clock& clock_;
  const ServerLimits limits_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::signal_set signals_;
  asio::steady_timer grace_timer_;
  asio::thread_pool workers_;
  base::Random ids_;
  std::set<Session*> sessions_;
  std::uint16_t acceptor_port_ = 0;
  int in_flight_ = 0;
  bool draining_ = false;
  std::chrono::sys_seconds date_at_{};
  std::string date_;
};

}  // namespace

base::Result<std::unique_ptr<Server>> Server::listen(const std::string& host, std::uint16_t port, const Router& router,
                                                     Metrics& metrics, const base::Clock& clock,
                                                     const ServerLimits& limits) {
  auto server = std::make_unique<BeastServer>(router, metrics, clock, limits);
  if (const auto opened = server->open(host, port); !opened) return base::pass_on(opened);
  server->remember_port();
  return server;
}

}  // namespace costagent
