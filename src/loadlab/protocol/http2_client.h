// A virtual user's end of an HTTP/2 connection that it shares with others: one stream at a time.
#pragma once

#include "loadlab/protocol/client.h"
#include "loadlab/protocol/http2_session.h"

namespace loadlab {

class Http2Connection;
class Http2Pool;

class Http2Client final : public Client, private Http2Exchange {
 public:
  Http2Client(Http2Pool& pool, ClientOwner& owner) : pool_(pool), owner_(owner) {}
  ~Http2Client() override { abandon(); }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  State state() const override { return state_; }

  // Joins a connection of the worker that has room, or a new one.
  Fault open() override;

  // The request leaves at the latest when the worker's turn ends, together with what others send on the connection.
  void send(const Message& message, Wanted wanted) override;

  // Resets the stream; the connection stays with those who share it.
  void abandon() override;

 private:
  friend class Http2Connection;

  void tell(Fault fault, base::Nanoseconds ended);

  Http2Pool& pool_;
  ClientOwner& owner_;
  Http2Connection* connection_ = nullptr;
  std::size_t place_ = 0;           // among the connection's users
  std::uint64_t reads_before_ = 0;  // of the connection, when the request was handed over
  State state_ = State::closed;
};

}  // namespace loadlab
