// How a step is carried out: one connection to the target, carrying one exchange at a time.
//
// The one seam between the engine and the protocols. A client belongs to one worker's thread; its owner must outlive it
// and is told of everything through ClientOwner, possibly from within `send`'s caller's poll but never from within
// `open` or `send`.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "loadlab/protocol/request.h"
#include "loadlab/result/tally.h"

namespace loadlab {

// What came of one exchange.
struct Reply {
  Fault fault = Fault::none;        // what went wrong with the transport or the protocol; a status is never wrong here
  int status = 0;                   // 0 if none arrived
  base::Nanoseconds first_byte{0};  // when the first of it arrived: monotonic time; 0 if nothing did
  base::Nanoseconds ended{0};       // the last byte received, or the fault noticed: monotonic time
  std::uint64_t bytes_sent = 0;     // where only sending tells (HTTP/2 compresses headers); 0: what the message says
  std::uint64_t bytes_received = 0;
  std::string_view head{};  // `Name: value` lines, each ended by CRLF; only if asked for, gone after the call
  std::string_view body{};  // only if it was asked for; gone after the call
  bool body_was_cut = false;
};

// How an `open` ended, and what took how long. Zero: that part was not needed.
struct Opening {
  Fault fault = Fault::none;
  base::Nanoseconds connect{0};  // the TCP handshake
  base::Nanoseconds tls{0};      // the TLS handshake
};

// What of an answer is kept for its owner.
struct Wanted {
  bool head = false;
  bool body = false;
  // A body of more bytes, as they are sent, is a fault: whoever answers without end must not keep a user for good.
  std::uint64_t max_body = UINT64_MAX;
};

class ClientOwner {
 public:
  // `open` has come to its end: connected, or why not. Called once for each `open` that returned none.
  virtual void on_open(const Opening& opening) = 0;
  // The exchange is over. The client is idle again, or closed.
  virtual void on_reply(const Reply& reply) = 0;
  // Within an exchange, a redirect has been followed: one more request was sent, or is about to be.
  virtual void on_redirect() {}

 protected:
  ~ClientOwner() = default;
};

class Client {
 public:
  enum class State { closed, opening, idle, busy };

  virtual ~Client() = default;

  virtual State state() const = 0;

  // From closed to opening; `none` means that it is under way. Another fault is final, and the client stays closed.
  virtual Fault open() = 0;

  // From idle to busy. The message may be given up after the call. Failures to send are told by on_reply, from the
  // poll.
  virtual void send(const Message& message, Wanted wanted) = 0;

  // To closed, from any state and without a word to the owner: after a time-out, or at the end.
  virtual void abandon() = 0;
};

}  // namespace loadlab
