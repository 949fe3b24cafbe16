// One connection to the target that speaks HTTP/2, and the users who share it.
//
// Belongs to a worker's pool. It is open once the server has said how many streams it bears, and lives until it breaks,
// the server is going away, or its last user leaves.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "loadlab/net/poller.h"
#include "loadlab/net/stream.h"
#include "loadlab/protocol/http2_client.h"
#include "loadlab/protocol/http2_session.h"

namespace loadlab {

class Http2Pool;

class Http2Connection final : private ReadyListener, private Http2SessionOwner {
 public:
  explicit Http2Connection(Http2Pool& pool);
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  // Starts to connect. Another fault than `none` is final.
  Fault open();

  bool has_room() const { return state_ != State::ended && !retired_ && users_.size() < most_users_; }
  bool has_ended() const { return state_ == State::ended; }

  // There must be room. The client is told that it is open once the connection is, and never from within.
  void join(Http2Client& client);
  void submit(Http2Client& client, const Message& message, Wanted wanted);
  void abandon(Http2Client& client);

  // What was put off to the end of the turn. Returns whether users were told of anything.
  bool end_turn();

 private:
  friend class Http2Pool;
  enum class State : std::uint8_t { connecting, greeting, open, ended };

  void on_ready(std::uint32_t events) override;
  void on_settings() override;
  void on_going_away() override { retire(); }
  void on_exchange_end(Http2Exchange& exchange, Fault fault) override;

  bool go_on_opening();
  void receive(bool ended);
  void flush();
  bool send_rest();
  void tell_waiting();
  void move_on(Http2Client& client);
  void retire();
  void leave(Http2Client& client);
  void put_off();
  void end(Fault fault);
  void close(bool politely);

  Http2Pool& pool_;
  Stream stream_;
  std::optional<Http2Session> session_;
  std::vector<Http2Client*> users_;
  std::deque<Http2Client*> waiting_;      // those of the users who have not been told yet that they may send
  std::vector<Http2Client*> unsendable_;  // those whose request found no stream
  std::string unsent_;                    // what the socket's buffer had no room for
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
