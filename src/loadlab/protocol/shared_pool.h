// A worker's connections, each shared by a number of users.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loadlab/net/destination.h"
#include "loadlab/net/poller.h"
#include "loadlab/protocol/connector.h"
#include "loadlab/protocol/shared_connection.h"

namespace loadlab {

class SharedPool final : public Connector, private TurnListener {
 public:
  // `make_session` says what is spoken; `streams`, how many users may share a connection, where the server bears as
  // many. What the dialer refers to must outlive the pool.
  SharedPool(const Dialer& dialer, MakeSession make_session, std::size_t streams)
      : dialer_(dialer), make_session_(make_session), streams_(streams), most_users_(streams) {}
  ~SharedPool() override { dialer_.poller().forget(*this); }
  SharedPool(const SharedPool&) = delete;
  SharedPool& operator=(const SharedPool&) = delete;

  std::unique_ptr<Client> client(ClientOwner& owner) override { return std::make_unique<SharedClient>(*this, owner); }

  BodyDecoder& decoder() { return decoder_; }

  // Of the client: to a connection with room, or a new one.
  Fault join(SharedClient& client);

 private:
  friend class SharedConnection;

  bool on_turn_end() override;
  void put_off(SharedConnection& connection);
  void offer(SharedConnection& connection);
  // A server bears this many streams: connections that are not open yet will hardly find it otherwise.
  void learn(std::size_t most_users) { most_users_ = most_users; }
  void bury() {
    any_ended_ = true;
    put_off_turn();
  }
  void put_off_turn();

  Dialer dialer_;
  MakeSession make_session_;
  std::size_t streams_;
  std::size_t most_users_;
  std::vector<char> input_ = std::vector<char>(64 * 1024);  // what one read brings
  std::string output_;                                      // what one send takes
  BodyDecoder decoder_;
  std::vector<std::unique_ptr<SharedConnection>> connections_;
  std::vector<SharedConnection*> roomy_;    // may have room; the last is filled first
  std::vector<SharedConnection*> put_off_;  // have work at the end of the turn
  std::vector<SharedConnection*> working_;
  bool turn_is_put_off_ = false;
  bool any_ended_ = false;
};

}  // namespace loadlab
