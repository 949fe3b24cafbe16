// A client that speaks HTTP/1.1 over TCP, keeping its connection alive between exchanges where the server does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/net/alarm.h"
#include "loadlab/net/destination.h"
#include "loadlab/net/stream.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/http1_parser.h"

namespace loadlab {

// What all clients of a worker share: how they connect, and the buffer they read into.
struct ClientContext {
  Dialer dialer;
  std::vector<char> buffer = std::vector<char>(64 * 1024);
  BodyDecoder decoder{};
  HeadMemo memo{};
};

class Http1Client final : public Client, private ReadyListener, private AlarmListener {
 public:
  // How long a body that the server should ask for (Expect: 100-continue) waits for that; then it is sent all the same,
  // as many servers never ask.
  static constexpr base::Nanoseconds kContinueWait = std::chrono::seconds(1);

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
  void on_alarm() override;
  void await_continue();
  void send_body();
  void flush();
  void receive(bool ended);
  void end(Fault fault, bool connection_ended = true);
  void close();
  Fault broken(Fault fault) const;

  ClientContext& context_;
  ClientOwner& owner_;
  Stream stream_;
  State state_ = State::closed;
  std::string_view unsent_;    // into the message where that lasts, else into own_unsent_
  std::size_t held_back_ = 0;  // so much at the end of it waits for a 100 (Continue)
  std::size_t message_size_ = 0;
  std::string own_unsent_;
  std::unique_ptr<Alarm> alarm_;  // of the wait for a 100; made when first needed
  std::uint64_t received_ = 0;
  base::Nanoseconds first_byte_{0};
  bool send_broken_ = false;
  bool reused_ = false;  // it has carried an exchange before
  bool last_ = false;    // the connection ends with this exchange
  Http1Parser parser_{&context_.memo};
};

}  // namespace loadlab
