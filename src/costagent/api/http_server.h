// Serves routes over HTTP/1.1.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/api/metrics.h"
#include "costagent/api/router.h"

namespace costagent {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  // A listening socket that other processes accept from as well, in place of host and port; it stays the caller's. None
  // of them is to take all: `give_way` says that another one should have the next connection. It is waited for a few
  // milliseconds and no more, as it may hang.
  int listener = -1;
  std::function<bool()> give_way = [] { return false; };
  unsigned io_threads = 1;
  unsigned worker_threads = 1;

  // Requests handled or waiting for it, at most; mostly fewer, as many as can be begun soon (admission.h). At some
  // milliseconds each, that many take a second. As many besides may wait for something to end (`ask_again`).
  std::size_t max_in_flight = 256;
  // What isn't known yet is asked for soon, and then ever more seldom: most of what is waited for is over at once or
  // takes seconds, and each time is a question to the database. What ends in this process is asked for when it does.
  std::chrono::milliseconds ask_again_after{20};
  std::chrono::milliseconds ask_seldom{250};
  // From when a request was read to its answer; a client may ask for less (X-Request-Timeout-Ms). Somebody who watches
  // a page has gone by then, and what has not been found after this long would keep a worker from those who are there.
  std::chrono::milliseconds request_timeout{5'000};
  // Beyond these, a connection that comes takes the place of the one that has rested for longest between two requests,
  // if for `rest` at least. Where none has, its first request is refused (503); beyond `max_crowd` more, those of them
  // that ask for nothing are closed, so that who does ask, and be it for /health, is heard.
  std::size_t max_connections = 4096;
  std::size_t max_crowd = 64;
  std::chrono::milliseconds rest{1'000};
  // A request says what to do and carries no bills. Also bounds memory: connections × (body + header).
  std::size_t max_body = 64 * 1024;
  // Bytes of a body that goes elsewhere than into memory (Router's Intake), and how many such bodies are read at once:
  // each has a block of memory and keeps the disk busy.
  std::uint64_t max_upload = std::uint64_t{1} << 30;
  std::size_t max_uploads = 8;
  std::size_t max_header = 16 * 1024;
  // Bytes of answers that are being written. Those who don't read keep theirs in memory until `write_timeout`; beyond
  // some hundred large ones, requests are refused (503).
  std::size_t max_unread = 64 * 1024 * 1024;

  std::chrono::milliseconds idle_timeout{60'000};    // between requests
  std::chrono::milliseconds header_timeout{10'000};  // from a request's first byte to its last header
  std::chrono::milliseconds body_timeout{20'000};    // of one that is uploaded, for each 64 KiB
  std::chrono::milliseconds write_timeout{20'000};
  std::chrono::milliseconds drain_timeout{10'000};  // for what is in flight when it stops
  // For so long after it was told to stop a connection without a request stays open. Where others go on serving, a
  // client is then told to close it with its next answer, and finds no connection closed under its next request.
  std::chrono::milliseconds idle_grace{0};
};

// I/O threads read, parse and write; handlers run on worker threads, so that a slow one holds up no connection but its
// own. Which requests get there, and which are refused and told when to come back (503), Admission decides; they are
// worked on with their deadline (base/deadline.h). Routes that are answered at once run on the I/O thread. Keep-alive
// and pipelining are served; every error has the form of `problem_response`; every answer has X-Request-Id, the
// client's if it sent a good one. Every answer is counted before it is sent.
class HttpServer {
 public:
  // Listens and serves. Router, metrics and clock must outlive the server; the router must know the metrics' patterns.
  // Fails with `invalid` on a host that is no address, and with `io` when it can't be listened on.
  static base::Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options, const Router& router,
                                                         Metrics& metrics, const base::Clock& clock);
  virtual ~HttpServer() = default;

  // `http://127.0.0.1:8080`.
  virtual std::string url() const = 0;
  virtual std::uint16_t port() const = 0;

  // Whoever waits for this, a Response::awaited, asks now rather than with his next turn. Any thread; in vain once
  // the server has stopped.
  virtual void wake(const std::string& awaited) = 0;

  // When that I/O thread last had its turn that has waited longest for it: within the last second, unless the process
  // hangs. By the monotonic clock.
  virtual base::Nanoseconds last_turn() const = 0;

  // Accepts nothing more, answers what is in flight, closes every connection, and returns when that is done or the
  // drain timeout is over. The destructor calls it as well.
  virtual void stop() = 0;
};

}  // namespace costagent
