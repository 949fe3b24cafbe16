// A worker's HTTP/2 connections, each shared by a number of users.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loadlab/net/destination.h"
#include "loadlab/net/poller.h"
#include "loadlab/protocol/connector.h"
#include "loadlab/protocol/http2_connection.h"

namespace loadlab {

class Http2Pool final : public Connector, private TurnListener {
 public:
  // `streams`: how many users may share a connection, where the server bears as many. What the dialer
  // refers to must outlive the pool.
  Http2Pool(const Dialer& dialer, std::size_t streams) : dialer_(dialer), streams_(streams), most_users_(streams) {}
  ~Http2Pool() override { dialer_.poller().forget(*this); }
  Http2Pool(const Http2Pool&) = delete;
  Http2Pool& operator=(const Http2Pool&) = delete;

  std::unique_ptr<Client> client(ClientOwner& owner) override { return std::make_unique<Http2Client>(*this, owner); }

  // Of the client: to a connection with room, or a new one.
  Fault join(Http2Client& client);

 private:
  friend class Http2Connection;

  bool on_turn_end() override;
  void put_off(Http2Connection& connection);
  void offer(Http2Connection& connection);
  // A server bears this many streams: connections that are not open yet will hardly find it otherwise.
  void learn(std::size_t most_users) { most_users_ = most_users; }
  void bury() {
    any_ended_ = true;
    put_off_turn();
  }
  void put_off_turn();

  Dialer dialer_;
  std::size_t streams_;
  std::size_t most_users_;
  std::vector<char> input_ = std::vector<char>(64 * 1024);  // what one read brings
  std::string output_;                                      // what one send takes
  std::vector<std::unique_ptr<Http2Connection>> connections_;
  std::vector<Http2Connection*> roomy_;    // may have room; the last is filled first
  std::vector<Http2Connection*> put_off_;  // have work at the end of the turn
  std::vector<Http2Connection*> working_;
  bool turn_is_put_off_ = false;
  bool any_ended_ = false;
};

}  // namespace loadlab
