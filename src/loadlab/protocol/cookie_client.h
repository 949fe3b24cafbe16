// A client that keeps its user's cookies, over another client that carries out the exchanges: what answers set, later
// requests send. It lies below what follows redirects, so that each request on the way has its own cookies.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loadlab/protocol/connector.h"
#include "loadlab/protocol/cookie_jar.h"

namespace loadlab {

class CookieConnector;

class CookieClient final : public Client, private ClientOwner {
 public:
  CookieClient(CookieConnector& connector, ClientOwner& owner);
  CookieClient(const CookieClient&) = delete;
  CookieClient& operator=(const CookieClient&) = delete;

  State state() const override { return client_->state(); }
  Fault open() override { return client_->open(); }

  // With a Cookie header, unless the message has one of its own: that is sent alone.
  void send(const Message& message, Wanted wanted) override;

  void abandon() override { client_->abandon(); }

 private:
  void on_open(const Opening& opening) override { owner_.on_open(opening); }
  void on_reply(const Reply& reply) override;
  CookieJar::Place place() const;

  CookieConnector& connector_;
  ClientOwner& owner_;
  std::unique_ptr<Client> client_;
  CookieJar jar_;
  std::string authority_;  // of the request under way
  std::string path_;
  std::size_t size_ = 0;  // of the message, where a header was added to it; else 0
};

class CookieConnector final : public Connector {
 public:
  // `secure`: its connections are TLS.
  CookieConnector(std::unique_ptr<Connector> connector, bool secure)
      : connector_(std::move(connector)), secure_(secure) {}

  std::unique_ptr<Client> client(ClientOwner& owner) override { return std::make_unique<CookieClient>(*this, owner); }

 private:
  friend class CookieClient;

  std::unique_ptr<Connector> connector_;
  bool secure_;
  // Where messages with cookies are put together, one at a time.
  std::string cookies_;
  std::string bytes_;
  std::vector<HeaderField> fields_;
};

}  // namespace loadlab
