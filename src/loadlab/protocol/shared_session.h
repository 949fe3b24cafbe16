// What a connection speaks that several users share: requests in, bytes out; bytes in, answers out. Without its socket.
//
// One implementation a protocol. Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/content_coding.h"
#include "loadlab/protocol/request.h"
#include "loadlab/result/tally.h"

namespace loadlab {

// One request and what has come of it. Kept by its owner and used for one exchange after another, so that its texts
// keep their memory.
struct Exchange {
  Wanted wanted;

  int status = 0;
  base::Nanoseconds first_byte{0};
  std::uint64_t bytes_sent = 0;  // where only sending tells; 0: what the message says
  std::uint64_t bytes_received = 0;
  std::string head;
  std::string body;
  Coding coding = Coding::identity;  // of the body, where that is wanted
  bool body_was_cut = false;

  // HTTP/2's own.
  std::int32_t stream = 0;       // 0: not on its way
  std::string_view unsent_body;  // into the message, or into own_body
  std::string own_body;
  int interim = 0;
  std::size_t head_bytes = 0;
  std::uint64_t body_bytes = 0;
  bool whole = false;  // the answer's end has arrived
  bool reset_by_peer = false;
  Fault broken = Fault::none;  // why its stream was given up by our side

  // Ready for another request.
  void begin(Wanted what);
};

class SessionOwner {
 public:
  // The server has said, for the first time or again, how many exchanges it bears at once: see `most_streams`.
  virtual void on_settings() = 0;
  // No further exchanges are taken.
  virtual void on_going_away() = 0;
  // The exchange is over, and free for another one. Called from within `feed`, `finish` and `collect`; the owner may
  // submit and cancel exchanges meanwhile, but must neither call those three nor end the session.
  virtual void on_exchange_end(Exchange& exchange, Fault fault) = 0;

 protected:
  ~SessionOwner() = default;
};

class SharedSession {
 public:
  virtual ~SharedSession() = default;

  // Begins the exchange. False if the connection can carry no more. A lasting message must outlive the exchange; of
  // another, nothing is needed after the call.
  virtual bool submit(Exchange& exchange, const Message& message, Wanted wanted) = 0;

  // Gives the exchange up; nothing more is said of it.
  virtual void cancel(Exchange& exchange) = 0;

  // Takes what the server sent, as much as one read brought. A fault ends the connection.
  virtual Fault feed(std::string_view bytes, base::Nanoseconds now) = 0;

  // The server has closed the connection. Returns what that means to those who still wait for an answer.
  virtual Fault finish() = 0;

  // Appends what is to be sent to `out`, until that has `enough` bytes or more. A fault ends the connection.
  virtual Fault collect(std::string& out, std::size_t enough) = 0;

  // Requests may be sent before the server has said anything.
  virtual bool is_ready_at_once() const = 0;

  // The connection must be ended, at once or when all is sent, with this fault for those who still wait; none: not yet.
  virtual Fault must_end_now() const = 0;
  virtual Fault must_end_when_sent() const = 0;

  // What a fault of the connection means to one of those who still wait.
  virtual Fault fault_of(const Exchange& exchange, Fault fault) const = 0;

  // How many exchanges the server carries out at once.
  virtual std::uint32_t most_streams() const = 0;
};

using MakeSession = std::unique_ptr<SharedSession> (*)(SessionOwner& owner);

}  // namespace loadlab
