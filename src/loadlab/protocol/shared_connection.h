// One connection to the target, and the users who share it: over HTTP/2, or as a pipeline of HTTP/1.1.
//
// Belongs to a worker's pool. It is open once the server has greeted it, where the protocol has that, and lives until
// it breaks, the server is going away, or its last user leaves.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "loadlab/net/poller.h"
#include "loadlab/net/stream.h"
#include "loadlab/protocol/shared_client.h"
#include "loadlab/protocol/shared_session.h"

namespace loadlab {

class SharedPool;

class SharedConnection final : private ReadyListener, private SessionOwner {
 public:
  explicit SharedConnection(SharedPool& pool);
  SharedConnection(const SharedConnection&) = delete;
  SharedConnection& operator=(const SharedConnection&) = delete;

  // Starts to connect. Another fault than `none` is final.
  Fault open();

  bool has_room() const { return state_ != State::ended && !retired_ && users_.size() < most_users_; }
  bool has_ended() const { return state_ == State::ended; }

  // There must be room. The client is told that it is open once the connection is, and never from within.
  void join(SharedClient& client);
  void submit(SharedClient& client, const Message& message, Wanted wanted);
  void abandon(SharedClient& client);

  // What was put off to the end of the turn. Returns whether users were told of anything.
  bool end_turn();

 private:
  friend class SharedPool;
  enum class State : std::uint8_t { connecting, greeting, open, ended };

  void on_ready(std::uint32_t events) override;
  void on_settings() override;
  void on_going_away() override { retire(); }
  void on_exchange_end(Exchange& exchange, Fault fault) override;

  bool go_on_opening();
  void receive(bool ended);
  void flush();
  bool send_rest();
  void tell_waiting();
  void move_on(SharedClient& client);
  void retire();
  void leave(SharedClient& client);
  void put_off();
  void end(Fault fault);
  void close(bool politely);

  SharedPool& pool_;
  Stream stream_;
  std::unique_ptr<SharedSession> session_;
  std::vector<SharedClient*> users_;
  std::deque<SharedClient*> waiting_;      // those of the users who have not been told yet that they may send
  std::vector<SharedClient*> unsendable_;  // those whose request found no stream
  std::string unsent_;                     // what the socket's buffer had no room for
  std::size_t most_users_;
  Opening opening_;  // told to the first user
  base::Nanoseconds read_at_{0};
  std::uint64_t reads_ = 0;
  State state_ = State::connecting;
  bool welcomed_ = false;      // some user has been told that it may send
  bool retired_ = false;       // nobody may join any more
  bool put_off_ = false;       // end_turn is going to be called
  bool in_turn_ = false;       // a flush follows
  bool more_to_read_ = false;  // the socket may hold more, although no event will say so
  bool offered_ = false;       // the pool knows of room here
};

}  // namespace loadlab
