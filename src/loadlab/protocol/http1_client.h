// A client that speaks HTTP/1.1 over TCP, keeping its connection alive between exchanges where the server does.
#pragma once

#include <string>
#include <vector>

#include "loadlab/net/destination.h"
#include "loadlab/net/stream.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/http1_parser.h"

namespace loadlab {

// What all clients of a worker share: how they connect, and the buffer they read into.
struct ClientContext {
  Dialer dialer;
  std::vector<char> buffer = std::vector<char>(64 * 1024);
};

class Http1Client final : public Client, private ReadyListener {
 public:
  Http1Client(ClientContext& context, ClientOwner& owner) : context_(context), owner_(owner) {}
  Http1Client(const Http1Client&) = delete;
  Http1Client& operator=(const Http1Client&) = delete;

  State state() const override { return state_; }
  Fault open() override;
  void send(const Message& message, Wanted wanted) override;
  void abandon() override;

 private:
  void on_ready(std::uint32_t events) override;
  void go_on_opening();
  void flush();
  void receive(bool ended);
  void end(Fault fault, bool connection_ended = true);
  void close();
  Fault broken(Fault fault) const;

  ClientContext& context_;
  ClientOwner& owner_;
  Stream stream_;
  State state_ = State::closed;
  std::string unsent_;  // what the socket's buffer had no room for
  std::uint64_t received_ = 0;
  base::Nanoseconds first_byte_{0};
  bool send_broken_ = false;
  bool reused_ = false;  // it has carried an exchange before
  Http1Parser parser_;
};

}  // namespace loadlab
