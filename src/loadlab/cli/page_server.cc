#include "loadlab/cli/page_server.h"

#include <array>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>

namespace loadlab {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr int kMostConnections = 64;
constexpr int kMostStreams = 32;
constexpr std::size_t kMostHead = 8 * 1024;
// What is sent is taken as fast as it comes, or nobody is there.
constexpr std::chrono::seconds kWriteTime{10};
constexpr std::chrono::seconds kBetweenEvents{1};
// What is sent after an answer that ends the connection is read no longer than this, and no further.
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kMostLeft = 1024 * 1024;
constexpr std::chrono::milliseconds kLooksForStop{100};
// A stream where nothing happens says so now and then, or something on the way would end it.
constexpr int kQuietSeconds = 15;

// Failures come back as values.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// `127.0.0.1:8090`, `[::1]`, `localhost:1`: not what a name server could be made to point here.
bool is_here(std::string_view host) {
  if (host.starts_with('[')) return true;
  host = host.substr(0, host.find(':'));
  if (host == "localhost" || host.empty()) return true;
  boost::system::error_code error;
  asio::ip::make_address(std::string(host), error);
  return !error;
}

using Parser = http::request_parser<http::empty_body>;

// What a head is refused for, whatever it asks; nothing where it isn't.
std::optional<PageAnswer> refusal_of(const Parser& parser) {
  const auto& request = parser.get();
  if (request.method() != http::verb::get && request.method() != http::verb::head)
    return refuse(405, "there is nothing to be changed here");
  if (!is_here(request[http::field::host])) return refuse(421, "ask by the address: this is no site of that name");
  if (parser.chunked() || parser.content_length().value_or(0) > 0) return refuse(400, "a question has no body");
  return std::nullopt;
}

// Of a head that can't be read; nothing where nobody is there to be answered.
std::optional<PageAnswer> refusal_of(const beast::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refuse(431, "a request's head has 8 KiB at most");
  const bool of_http = error.category() == http::make_error_code(http::error::bad_method).category();
  if (!of_http || error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  return refuse(400, "this is no request: " + error.message());
}

class PageServer {
 public:
  PageServer(const PageAnswers& answers, History& live, const std::atomic<bool>& stop, const PageTimes& times)
      : answers_(answers), live_(live), stop_(stop), times_(times), acceptor_(context_) {}

  base::Result<std::string> listen(const std::string& host, unsigned short port) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error) return base::fail_field("listen", "'{}' is no IP address", host);
    const tcp::endpoint endpoint(address, port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return base::fail(base::ErrorKind::io, "can't listen on {}:{}: {}", host, port, error.message());
    const auto bound = acceptor_.local_endpoint();
    const bool v6 = address.is_v6();
    return fmt::format("http://{}{}{}:{}/", v6 ? "[" : "", address.to_string(), v6 ? "]" : "", bound.port());
  }

  void run() {
    asio::co_spawn(context_, accept(), asio::detached);
    asio::co_spawn(context_, await_stop(), asio::detached);
    context_.run();
  }

 private:
  asio::awaitable<void> await_stop() {
    asio::steady_timer timer(context_);
    while (!stop_) {
      timer.expires_after(kLooksForStop);
      co_await timer.async_wait(kAwait);
    }
    context_.stop();
  }

  asio::awaitable<void> accept() {
    while (true) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwait);
      if (error) {
        // Out of descriptors, most likely: others will go.
        asio::steady_timer pause(context_, kLooksForStop);
        co_await pause.async_wait(kAwait);
      } else if (connections_ < kMostConnections) {
        asio::co_spawn(context_, talk(beast::tcp_stream(std::move(socket))), asio::detached);
      }
    }
  }

  asio::awaitable<void> talk(beast::tcp_stream stream) {
    ++connections_;
    beast::flat_buffer buffer(2 * kMostHead);
    // Whoever has just come has something to ask.
    std::chrono::milliseconds patience = times_.request;
    bool again = true;
    while (again) {
      again = co_await await_request(stream, buffer, patience);
      if (again) again = co_await answer_one(stream, buffer);
      patience = times_.idle;
    }
    co_await close(stream);
    --connections_;
  }

  // True once something of a request is there.
  asio::awaitable<bool> await_request(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                                      std::chrono::milliseconds patience) {
    if (buffer.size() > 0) co_return true;
    stream.expires_after(patience);
    const auto [error, size] = co_await stream.async_read_some(buffer.prepare(kMostHead), kAwait);
    buffer.commit(size);
    co_return !error;
  }

  // True if the connection may be used again.
  asio::awaitable<bool> answer_one(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
    Parser parser;
    parser.header_limit(kMostHead);
    stream.expires_after(times_.request);
    const auto [error, size] = co_await http::async_read_header(stream, buffer, parser, kAwait);
    auto refusal = error ? refusal_of(error) : refusal_of(parser);
    if (error && !refusal) co_return false;
    if (refusal) {
      http::request<http::empty_body> request = error ? http::request<http::empty_body>() : parser.release();
      // What follows may be a body, which nobody reads.
      request.keep_alive(false);
      const bool sent = co_await send(stream, request, std::move(*refusal));
      co_return sent;
    }
    const http::request<http::empty_body> request = parser.release();
    const std::string target(request.target());
    if (const auto run = Pages::live_run(target); run && request.method() == http::verb::get) {
      co_await follow(stream, *run);
      co_return false;
    }
    const bool late = Pages::takes_long(target);
    const PageAnswers::Answer& who = late ? answers_.late : answers_.soon;
    auto ask = [&who, target]() -> asio::awaitable<PageAnswer> { co_return who(target); };
    PageAnswer answer = co_await asio::co_spawn(late ? late_ : soon_, std::move(ask), asio::use_awaitable);
    const bool again = co_await send(stream, request, std::move(answer));
    co_return again;
  }

  asio::awaitable<bool> send(beast::tcp_stream& stream, const http::request<http::empty_body>& request,
                             PageAnswer answer) {
    http::response<http::string_body> response(static_cast<http::status>(answer.status), request.version());
    response.set(http::field::content_type, answer.type);
    response.set(http::field::cache_control, "no-store");
    response.set("Content-Security-Policy",
                 "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
                 "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    if (answer.status == 405) response.set(http::field::allow, "GET, HEAD");
    response.keep_alive(request.keep_alive());
    response.body() = std::move(answer.body);
    response.prepare_payload();
    if (request.method() == http::verb::head) response.body().clear();
    stream.expires_after(kWriteTime);
    const auto [error, size] = co_await http::async_write(stream, response, kAwait);
    co_return !error && request.keep_alive();
  }

  asio::awaitable<void> follow(beast::tcp_stream& stream, std::int64_t run) {
    LiveRun live(run);
    base::Result<std::string> events = base::fail(base::ErrorKind::unavailable, "too many follow runs already");
    if (streams_ < kMostStreams) events = live.next(live_, last_);
    if (!events) {
      const auto kind = events.error().kind;
      const int status = kind == base::ErrorKind::not_found ? 404 : kind == base::ErrorKind::unavailable ? 503 : 500;
      PageAnswer refusal = refuse(status, events.error().message);
      http::request<http::empty_body> request;
      request.keep_alive(false);
      co_await send(stream, request, std::move(refusal));
      co_return;
    }
    ++streams_;
    co_await send_events(stream, live, std::move(*events));
    --streams_;
  }

  asio::awaitable<void> send_events(beast::tcp_stream& stream, LiveRun& live, std::string events) {
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
    text += events;
    asio::steady_timer timer(context_);
    int quiet = 0;
    while (true) {
      if (!text.empty()) {
        quiet = 0;
        stream.expires_after(kWriteTime);
        const auto [error, size] = co_await asio::async_write(stream, asio::buffer(text), kAwait);
        if (error || live.ended()) co_return;
      }
      timer.expires_after(kBetweenEvents);
      co_await timer.async_wait(kAwait);
      auto next = live.next(live_, last_);
      if (!next) co_return;
      text = std::move(*next);
      if (text.empty() && ++quiet >= kQuietSeconds) text = ": nothing new\n\n";
    }
  }

  // Of a socket that is closed with something unread the kernel takes back what was sent, and the answer is lost.
  asio::awaitable<void> close(beast::tcp_stream& stream) {
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream.expires_after(kLinger);
    std::array<char, 4096> rest;
    std::size_t left = kMostLeft;
    while (left > 0) {
      const auto [error, size] = co_await stream.async_read_some(asio::buffer(rest), kAwait);
      if (error) break;
      left -= std::min(left, size);
    }
  }

  const PageAnswers& answers_;
  History& live_;
  const std::atomic<bool>& stop_;
  const PageTimes times_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  int connections_ = 0;
  int streams_ = 0;
  WholeRun last_;
  // Go first: what they work out is told to the context.
  asio::thread_pool soon_{1};
  asio::thread_pool late_{1};
};

}  // namespace

base::Result<> serve_pages(const PageAnswers& answers, History& live, const std::string& host, unsigned short port,
                           const std::atomic<bool>& stop, const std::function<void(const std::string& url)>& listening,
                           const PageTimes& times) {
  PageServer server(answers, live, stop, times);
  const auto url = server.listen(host, port);
  if (!url) return base::pass_on(url);
  listening(*url);
  server.run();
  return {};
}

}  // namespace loadlab
