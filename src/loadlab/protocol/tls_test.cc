#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "loadlab/protocol/connector.h"
#include "loadlab/protocol/reach.h"
#include "loadlab/protocol/tls_settings.h"
#include "support/certificates.h"
#include "support/http2_frames.h"
#include "support/scripted_server.h"
#include "support/tls_peer.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using ::testing::HasSubstr;

// Within TEST(…) the name Test means the testing framework's.
using LoadTest = loadlab::Test;

constexpr const char* kRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

Authority& authority() {
  static Authority only;
  return only;
}

LoadTest https_test(std::uint16_t port, const std::string& host = "127.0.0.1") {
  LoadTest test;
  test.target.text = fmt::format("https://{}:{}", host, port);
  test.target.tls = true;
  test.target.host = host;
  test.target.port = port;
  test.network.tls.ca_file = authority().certificate();
  return test;
}

// One user, who remembers what it was told.
struct User final : public ClientOwner {
  explicit User(const LoadTest& test)
      : destination{{resolve("127.0.0.1", test.target.port).value()}, {}, make_tls_context(test).value()},
        connector(make_connector(test, {poller, destination, 0})),
        client(connector->client(*this)) {}

  void on_open(const Opening& opening) override { opened = opening; }
  void on_reply(const Reply& reply) override {
    replied = reply;
    body = std::string(reply.body);
  }

  Fault open() {
    opened.reset();
    const Fault fault = client->open();
    if (fault != Fault::none) return fault;
    while (!opened) poller.wait(1s);
    return opened->fault;
  }
  Fault exchange(std::string_view text = kRequest) {
    replied.reset();
    Message message;
    message.bytes = text;
    message.fields = fields;
    client->send(message, {false, true});
    while (!replied) poller.wait(1s);
    return replied->fault;
  }
  Fault visit() {
    const Fault fault = open();
    return fault == Fault::none ? exchange() : fault;
  }

  std::vector<HeaderField> fields{{":method", "GET"}, {":scheme", "https"}, {":authority", "x"}, {":path", "/"}};
  Poller poller = Poller::create().value();
  Destination destination;
  std::unique_ptr<Connector> connector;
  std::unique_ptr<Client> client;
  std::optional<Opening> opened;
  std::optional<Reply> replied;
  std::string body;
};

std::string answer(std::string_view body) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

// Answers requests until the client goes.
void serve(TlsPeer& peer) {
  while (!peer.read_until("\r\n\r\n").empty()) peer.write(answer("secret"));
}

TEST(Tls, both_versions_carry_exchanges_and_are_timed) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer::Options options;
    options.max_version = version;
    const TlsServer tls(authority().issue("127.0.0.1"), options);
    ScriptedServer server({[&](int fd) {
      TlsPeer peer(fd, tls);
      EXPECT_EQ(peer.version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
      EXPECT_EQ(peer.server_name(), "") << "an address is no name";
      serve(peer);
    }});
    User user(https_test(server.port()));
    ASSERT_EQ(user.open(), Fault::none);
    EXPECT_GT(user.opened->connect.count(), 0);
    EXPECT_GT(user.opened->tls.count(), 0);
    for (int round = 0; round < 3; ++round) {
      ASSERT_EQ(user.client->state(), Client::State::idle);
      EXPECT_EQ(user.exchange(), Fault::none);
      EXPECT_EQ(user.body, "secret");
    }
    user.client->abandon();
  }
}

TEST(Tls, a_host_is_asked_for_by_name) {
  const TlsServer tls(authority().issue("shop.test"));
  ScriptedServer server({[&](int fd) {
    TlsPeer peer(fd, tls);
    EXPECT_EQ(peer.server_name(), "shop.test");
    serve(peer);
  }});
  LoadTest test = https_test(server.port());
  test.network.tls.server_name = "shop.test";
  User user(test);
  EXPECT_EQ(user.visit(), Fault::none);
  user.client->abandon();
}

TEST(Tls, who_cannot_be_trusted_is_counted_so_and_told_why_before_the_load) {
  Authority other;
  const struct {
    Identity identity;
    const char* why;
  } cases[] = {{authority().issue("127.0.0.1", Authority::Flaw::expired), "certificate has expired"},
               {authority().issue("127.0.0.1", Authority::Flaw::self_signed), "self-signed certificate"},
               {authority().issue("127.0.0.2"), "IP address mismatch"},
               {other.issue("127.0.0.1"), "certificate signature failure"}};
  for (const auto& bad : cases) {
    const TlsServer tls(bad.identity);
    const auto accept = [&](int fd) { EXPECT_FALSE(TlsPeer(fd, tls).is_open()); };
    ScriptedServer server({accept, accept});
    EXPECT_EQ(User(https_test(server.port())).open(), Fault::tls_untrusted) << bad.why;
    const auto reached = reach(https_test(server.port()));
    ASSERT_FALSE(reached);
    EXPECT_EQ(reached.error().kind, base::ErrorKind::unavailable);
    EXPECT_THAT(reached.error().message, HasSubstr(bad.why));
    EXPECT_THAT(reached.error().message, HasSubstr("--ca-file"));
  }
}

TEST(Tls, insecure_takes_any_certificate) {
  const TlsServer tls(authority().issue("nobody.test", Authority::Flaw::expired));
  ScriptedServer server({[&](int fd) {
    TlsPeer peer(fd, tls);
    serve(peer);
  }});
  LoadTest test = https_test(server.port());
  test.network.tls.insecure = true;
  User user(test);
  EXPECT_EQ(user.visit(), Fault::none);
  user.client->abandon();
}

TEST(Tls, a_client_shows_its_certificate) {
  TlsServer::Options options;
  options.client_ca = authority().certificate();
  const TlsServer tls(authority().issue("127.0.0.1"), options);
  const auto script = [&](int fd) {
    TlsPeer peer(fd, tls);
    serve(peer);
  };
  ScriptedServer server({script, script});
  LoadTest test = https_test(server.port());
  EXPECT_EQ(User(test).visit(), Fault::tls_failed) << "without one";
  const Identity own = authority().issue("client.test");
  test.network.tls.certificate = own.certificate;
  test.network.tls.key = own.key;
  User user(test);
  EXPECT_EQ(user.visit(), Fault::none);
  user.client->abandon();
}

TEST(Tls, a_file_that_cannot_be_used_is_named) {
  LoadTest test = https_test(1);
  test.network.tls.ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(make_tls_context(test).error().message, HasSubstr("/nowhere/ca.pem: "));
  test = https_test(1);
  test.network.tls.certificate = authority().issue("a.test").certificate;
  test.network.tls.key = authority().issue("b.test").key;
  EXPECT_THAT(make_tls_context(test).error().message, HasSubstr("key values mismatch"));
}

TEST(Tls, a_user_takes_up_its_session_unless_told_not_to) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool resumption : {true, false}) {
      TlsServer::Options options;
      options.max_version = version;
      const TlsServer tls(authority().issue("127.0.0.1"), options);
      int resumed = 0;
      const auto script = [&](int fd) {
        TlsPeer peer(fd, tls);
        resumed += peer.was_resumed();
        serve(peer);
      };
      {
        ScriptedServer server({script, script, script});
        LoadTest test = https_test(server.port());
        test.network.tls.resumption = resumption;
        User user(test);
        for (int visit = 0; visit < 3; ++visit) {
          EXPECT_EQ(user.visit(), Fault::none);
          user.client->abandon();
        }
      }
      EXPECT_EQ(resumed, resumption ? 2 : 0);
    }
  }
}

TEST(Tls, http2_is_agreed_on_or_it_is_a_fault_of_its_own) {
  TlsServer::Options options;
  options.protocol = "h2";
  const TlsServer http2_server(authority().issue("127.0.0.1"), options);
  const TlsServer other_server(authority().issue("127.0.0.1"));
  ScriptedServer server({[&](int fd) {
                           TlsPeer peer(fd, http2_server);
                           peer.write(http2::settings());
                           peer.read_until("\x82");  // :method: GET, of the static table
                           peer.write(http2::answer(1, "two"));
                           peer.read_until("never");
                         },
                         [&](int fd) { TlsPeer(fd, other_server).read_until("never"); },
                         [&](int fd) { TlsPeer(fd, other_server).read_until("never"); }});
  LoadTest test = https_test(server.port());
  test.http.version = HttpVersion::http2;
  {
    User user(test);
    EXPECT_EQ(user.visit(), Fault::none);
    EXPECT_GT(user.opened->tls.count(), 0);
    EXPECT_EQ(user.body, "two");
    user.client->abandon();
  }
  EXPECT_EQ(User(test).open(), Fault::tls_no_protocol);
  EXPECT_THAT(reach(test).error().message, HasSubstr("did not agree to HTTP/2"));
}

TEST(Tls, no_common_version_is_a_fault_of_its_own) {
  TlsServer::Options options;
  options.max_version = TLS1_2_VERSION;
  const TlsServer tls(authority().issue("127.0.0.1"), options);
  ScriptedServer server({[&](int fd) { EXPECT_FALSE(TlsPeer(fd, tls).is_open()); }});
  LoadTest test = https_test(server.port());
  test.network.tls.min_version = TlsVersion::tls13;
  EXPECT_EQ(User(test).open(), Fault::tls_no_protocol);
}

TEST(Tls, large_messages_pass_both_ways) {
  const std::string big(3'000'000, 'b');
  std::size_t arrived = 0;
  {
    const TlsServer tls(authority().issue("127.0.0.1"));
    ScriptedServer server({[&](int fd) {
      TlsPeer peer(fd, tls);
      arrived = peer.read_until("END").size();
      peer.write(answer(big));
      peer.read_until("never");
    }});
    User user(https_test(server.port()));
    ASSERT_EQ(user.open(), Fault::none);
    EXPECT_EQ(user.exchange("POST / HTTP/1.1\r\nContent-Length: 3000003\r\n\r\n" + big + "END"), Fault::none);
    EXPECT_EQ(user.body, big);
    user.client->abandon();
  }
  EXPECT_GT(arrived, big.size());
}

TEST(Tls, an_answer_without_a_farewell_is_cut_off) {
  const TlsServer tls(authority().issue("127.0.0.1"));
  const auto answer_with = [&](std::string text, bool farewell) {
    return [&tls, text, farewell](int fd) {
      TlsPeer peer(fd, tls);
      peer.read_until("\r\n\r\n");
      peer.write(text);
      if (farewell) peer.farewell();
    };
  };
  const std::string until_close = "HTTP/1.1 200 OK\r\n\r\nuntil the end";
  ScriptedServer server({answer_with(until_close, true), answer_with(until_close, false),
                         answer_with("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", false),
                         answer_with("", false)});
  User user(https_test(server.port()));
  for (const Fault expected : {Fault::none, Fault::tls_truncated, Fault::tls_truncated, Fault::closed}) {
    EXPECT_EQ(user.visit(), expected) << name_of(expected);
    EXPECT_EQ(user.client->state(), Client::State::closed);
  }
}

TEST(Tls, tickets_and_new_keys_leave_an_idle_connection_open_and_its_end_is_noticed) {
  const TlsServer tls(authority().issue("127.0.0.1"));
  ScriptedServer server({[&](int fd) {
    TlsPeer peer(fd, tls);
    peer.update_keys(2);
    peer.read_until("\r\n\r\n");
    peer.write(answer("still here"));
  }});
  User user(https_test(server.port()));
  ASSERT_EQ(user.open(), Fault::none);
  user.poller.wait(1s);  // the tickets
  EXPECT_EQ(user.client->state(), Client::State::idle);
  EXPECT_EQ(user.exchange(), Fault::none);
  EXPECT_EQ(user.body, "still here");
  while (user.client->state() == Client::State::idle) user.poller.wait(1s);
  EXPECT_EQ(user.client->state(), Client::State::closed);
}

TEST(Tls, hostile_servers_are_bounded) {
  const TlsServer tls(authority().issue("127.0.0.1"));
  const auto garbage = [](int fd) {
    read_exactly(fd, 5);
    write_all(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
    read_until(fd, "never");
  };
  const auto goes = [](int fd) { read_exactly(fd, 5); };
  const auto endless = [](int fd) {
    // Records that change no ciphers, which a client of TLS 1.3 passes over.
    read_exactly(fd, 5);
    while (write_all(fd, std::string("\x14\x03\x03\x00\x01\x01", 6))) {
    }
  };
  const auto flood = [&](int fd) {
    TlsPeer peer(fd, tls);
    peer.read_until("\r\n\r\n");
    while (peer.update_keys(1)) {
    }
  };
  ScriptedServer server({garbage, garbage, goes, endless, flood});
  EXPECT_EQ(User(https_test(server.port())).open(), Fault::tls_failed);
  EXPECT_THAT(reach(https_test(server.port())).error().message, HasSubstr("does not speak TLS"));
  EXPECT_EQ(User(https_test(server.port())).open(), Fault::tls_failed);
  EXPECT_EQ(User(https_test(server.port())).open(), Fault::tls_failed);
  EXPECT_EQ(User(https_test(server.port())).visit(), Fault::flood);
}

TEST(Tls, a_handshake_that_never_ends_is_told_after_the_time_out) {
  ScriptedServer server({[](int fd) { read_until(fd, "never"); }});
  LoadTest test = https_test(server.port());
  test.connect_timeout = 20ms;
  EXPECT_THAT(reach(test).error().message, HasSubstr("the handshake did not end in time"));
}

}  // namespace
}  // namespace loadlab
