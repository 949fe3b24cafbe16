// Users who share connections, played by hand: for the tests of whatever connections speak.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadlab/protocol/shared_pool.h"

namespace loadlab {

// One user, who remembers what it was told.
struct PoolUser final : public ClientOwner {
  explicit PoolUser(SharedPool& pool) : client(pool.client(*this)) {}

  void on_open(const Opening& opening) override { opened = opening; }
  void on_reply(const Reply& reply) override {
    replied = reply;
    body = std::string(reply.body);
    if (again && reply.fault == Fault::none) again();
  }
  void send(std::string_view payload = {}) {
    replied.reset();
    Message message;
    message.fields = fields;
    message.body = payload;
    message.bytes = bytes;
    message.size = bytes.size();
    client->send(message, {false, true});
  }

  std::vector<HeaderField> fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/"}};
  std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  std::unique_ptr<Client> client;
  std::optional<Opening> opened;
  std::optional<Reply> replied;
  std::string body;
  std::function<void()> again;
};

// Of one worker, with a server on this port of 127.0.0.1.
class PoolUsers {
 public:
  PoolUsers(std::uint16_t port, MakeSession session, std::size_t streams, int count)
      : destination{{resolve("127.0.0.1", port).value().front()}}, pool({poller, destination, 0}, session, streams) {
    for (int i = 0; i < count; ++i) all.emplace_back(pool);
  }

  std::vector<Fault> open() {
    for (PoolUser& user : all) {
      user.opened.reset();
      EXPECT_EQ(user.client->open(), Fault::none);
      EXPECT_FALSE(user.opened) << "never from within";
    }
    wait_for_each([](const PoolUser& user) { return user.opened.has_value(); });
    std::vector<Fault> faults;
    for (PoolUser& user : all) faults.push_back(user.opened->fault);
    return faults;
  }
  std::vector<Fault> exchange(std::string_view payload = {}) {
    for (PoolUser& user : all) user.send(payload);
    return await_replies();
  }
  std::vector<Fault> await_replies() {
    wait_for_each([](const PoolUser& user) { return user.replied.has_value(); });
    std::vector<Fault> faults;
    for (PoolUser& user : all) faults.push_back(user.replied->fault);
    return faults;
  }
  template <class Done>
  void wait_until(Done done) {
    while (!done()) poller.wait(std::chrono::seconds(1));
  }
  template <class Done>
  void wait_for_each(Done done) {
    for (const PoolUser& user : all) wait_until([&] { return done(user); });
  }

  Poller poller = Poller::create().value();
  Destination destination;
  SharedPool pool;
  std::deque<PoolUser> all;
};

}  // namespace loadlab
