// A client that follows redirects within the target, over another client that carries out the exchanges.
//
// To its owner a request and all that it leads to is one exchange: only the last answer is told, and the time-out is
// one for all. A connection that has to be opened on the way is opened within it.
#pragma once

#include <memory>

#include "loadlab/protocol/connector.h"
#include "loadlab/protocol/redirected_request.h"

namespace loadlab {

class RedirectingClient final : public Client, private ClientOwner {
 public:
  // The target must outlive the client.
  RedirectingClient(Connector& connector, const Url& target, ClientOwner& owner)
      : target_(target), owner_(owner), client_(connector.client(*this)) {}
  RedirectingClient(const RedirectingClient&) = delete;
  RedirectingClient& operator=(const RedirectingClient&) = delete;

  State state() const override { return following_ ? State::busy : client_->state(); }
  Fault open() override { return client_->open(); }
  void send(const Message& message, Wanted wanted) override;
  void abandon() override;

 private:
  void on_open(const Opening& opening) override;
  void on_reply(const Reply& reply) override;
  // What comes of the redirect: followed, or why not. None if it is an answer like any other.
  bool follow(const Reply& reply, Fault& fault);
  void end(Reply reply);

  const Url& target_;
  ClientOwner& owner_;
  std::unique_ptr<Client> client_;
  RedirectedRequest request_;
  Message next_;  // what is sent once the connection is open
  Wanted wanted_;
  std::uint64_t sent_ = 0;  // bytes of the exchange so far
  std::uint64_t received_ = 0;
  std::size_t size_ = 0;  // of the message that is under way
  int left_ = 0;          // redirects that may still be followed
  bool may_follow_ = false;
  bool following_ = false;  // a redirect has been followed in this exchange
};

class RedirectingConnector final : public Connector {
 public:
  // The target must outlive the connector.
  RedirectingConnector(std::unique_ptr<Connector> connector, const Url& target)
      : connector_(std::move(connector)), target_(target) {}

  std::unique_ptr<Client> client(ClientOwner& owner) override {
    return std::make_unique<RedirectingClient>(*connector_, target_, owner);
  }

 private:
  std::unique_ptr<Connector> connector_;
  const Url& target_;
};

}  // namespace loadlab
