// A virtual user's end of a connection that it shares with others: one exchange at a time.
#pragma once

#include "loadlab/protocol/client.h"
#include "loadlab/protocol/shared_session.h"

namespace loadlab {

class SharedConnection;
class SharedPool;

class SharedClient final : public Client, private Exchange {
 public:
  SharedClient(SharedPool& pool, ClientOwner& owner) : pool_(pool), owner_(owner) {}
  ~SharedClient() override { abandon(); }
  SharedClient(const SharedClient&) = delete;
  SharedClient& operator=(const SharedClient&) = delete;

  State state() const override { return state_; }

  // Joins a connection of the worker that has room, or a new one.
  Fault open() override;

  // The request leaves at the latest when the worker's turn ends, together with what others send on the connection.
  void send(const Message& message, Wanted wanted) override;

  // Gives the exchange up. Over HTTP/2 the connection stays with those who share it; a pipeline ends.
  void abandon() override;

 private:
  friend class SharedConnection;

  void tell(Fault fault, base::Nanoseconds ended);

  SharedPool& pool_;
  ClientOwner& owner_;
  SharedConnection* connection_ = nullptr;
  std::size_t place_ = 0;           // among the connection's users
  std::uint64_t reads_before_ = 0;  // of the connection, when the request was handed over
  State state_ = State::closed;
};

}  // namespace loadlab
