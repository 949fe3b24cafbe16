#include "loadlab/cli/page_server.h"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace loadlab {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr int kMostConnections = 64;
constexpr std::size_t kMostHead = 8 * 1024;
constexpr std::chrono::seconds kRequestTime{10};
constexpr std::chrono::seconds kIdle{60};
constexpr std::chrono::seconds kBetweenEvents{1};
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

class PageServer {
 public:
  PageServer(Pages& pages, const std::atomic<bool>& stop) : pages_(pages), stop_(stop), acceptor_(context_) {}

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
    bool again = true;
    while (again) {
      http::request_parser<http::empty_body> parser;
      parser.header_limit(kMostHead);
      stream.expires_after(buffer.size() > 0 ? kRequestTime : kIdle);
      const auto [error, size] = co_await http::async_read(stream, buffer, parser, kAwait);
      if (error) break;
      again = co_await reply(stream, parser.get());
    }
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
    --connections_;
  }

  // True if the connection may be used again.
  asio::awaitable<bool> reply(beast::tcp_stream& stream, const http::request<http::empty_body>& request) {
    const std::string target(request.target());
    if (const auto live = Pages::live_run(target); live && request.method() == http::verb::get) {
      co_await send_events(stream, LiveRun(*live));
      co_return false;
    }
    PageAnswer answer;
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      answer = {405, "application/json", R"({"message":"there is nothing to be changed here"})"};
    } else if (!is_here(request[http::field::host])) {
      answer = {421, "application/json", R"({"message":"ask by the address: this is no site of that name"})"};
    } else {
      answer = pages_.answer(target);
    }
    http::response<http::string_body> response(static_cast<http::status>(answer.status), request.version());
    response.set(http::field::content_type, answer.type);
    response.set(http::field::cache_control, "no-store");
    response.set("Content-Security-Policy",
                 "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
                 "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    response.keep_alive(request.keep_alive());
    response.body() = std::move(answer.body);
    response.prepare_payload();
    if (request.method() == http::verb::head) response.body().clear();
    stream.expires_after(kRequestTime);
    const auto [error, size] = co_await http::async_write(stream, response, kAwait);
    co_return !error && request.keep_alive();
  }

  asio::awaitable<void> send_events(beast::tcp_stream& stream, LiveRun live) {
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
    asio::steady_timer timer(context_);
    int quiet = 0;
    while (true) {
      auto events = live.next(pages_.history());
      if (!events) co_return;
      text += *events;
      if (text.empty() && ++quiet >= kQuietSeconds) text = ": nothing new\n\n";
      if (!text.empty()) {
        quiet = 0;
        stream.expires_after(kRequestTime);
        const auto [error, size] = co_await asio::async_write(stream, asio::buffer(text), kAwait);
        if (error || live.ended()) co_return;
        text.clear();
      }
      timer.expires_after(kBetweenEvents);
      co_await timer.async_wait(kAwait);
    }
  }

  Pages& pages_;
  const std::atomic<bool>& stop_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  int connections_ = 0;
};

}  // namespace

base::Result<> serve_pages(Pages& pages, const std::string& host, unsigned short port, const std::atomic<bool>& stop,
                           const std::function<void(const std::string& url)>& listening) {
  PageServer server(pages, stop);
  const auto url = server.listen(host, port);
  if (!url) return base::pass_on(url);
  listening(*url);
  server.run();
  return {};
}

}  // namespace loadlab
