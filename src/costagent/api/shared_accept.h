// Accepting from a socket that other processes accept from as well. For http_server.cc alone, as it brings Asio's
// templates.
#pragma once

#include <boost/asio.hpp>
#include <functional>

#include "costagent/api/loop.h"

namespace costagent {

// Every process that waits is told of a connection, and the one that is awake first would take most of them. So one at
// a time is taken, and left for a moment to a process that should have it. Where that was in vain, no way is given for
// a while: that process hangs, or is too busy for it. Used by one thread.
class SharedAccept {
 public:
  // True: another process should have the next connection. The acceptor is made non-blocking.
  SharedAccept(tcp::acceptor& acceptor, std::function<bool()> give_way)
      : acceptor_(acceptor), give_way_(std::move(give_way)) {
    beast::error_code ignored;
    acceptor_.non_blocking(true, ignored);
    // One that its client ended meanwhile is nothing to wait for.
    acceptor_.set_option(asio::socket_base::enable_connection_aborted(true), ignored);
  }

  // Waits for a connection and takes it. Another process may have been quicker: see `none`.
  asio::awaitable<beast::error_code> accept(tcp::socket& into, asio::steady_timer& pause) {
    auto [error] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, kAwait);
    if (error) co_return error;
    bool in_vain = without_ == 0;
    for (int i = 0; i < kTimes && in_vain; ++i) {
      in_vain = give_way_();
      if (!in_vain) break;
      pause.expires_after(kPause);
      co_await pause.async_wait(kAwait);
    }
    acceptor_.accept(into, error);
    if (!error) without_ = in_vain ? kWithout : std::max(without_ - 1, 0);
    co_return error;
  }

  // No connection came of it, and nothing is wrong.
  static bool none(const beast::error_code& error) {
    return error == asio::error::would_block || error == asio::error::connection_aborted;
  }

 private:
  // Long enough for a process that is awake, short enough for whoever waits for an answer.
  static constexpr std::chrono::milliseconds kPause{1};
  static constexpr int kTimes = 5;
  // So that beside a process that hangs a thousand connections a second are taken, and no burst goes to one process.
  static constexpr int kWithout = 8;

  tcp::acceptor& acceptor_;
  const std::function<bool()> give_way_;
  int without_ = 0;  // connections to take before way is given again
};

}  // namespace costagent
