#include "loadlab/protocol/http1_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <future>
#include <optional>

#include "loadlab/protocol/faults.h"
#include "support/scripted_server.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

using testing_support::read_exactly;
using testing_support::read_until;
using testing_support::reset_on_close;
using testing_support::ScriptedServer;
using testing_support::write_all;

Address address_of(const ScriptedServer& server) { return resolve("127.0.0.1", server.port()).value().front(); }

constexpr const char* kRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

// Drives one client and remembers what it was told.
class Owner final : public ClientOwner {
 public:
  explicit Owner(Address address) : destination{{address}}, context{{poller, destination, 0}}, client(context, *this) {}

  void on_open(const Opening& opening) override { opened = opening.fault; }
  void on_reply(const Reply& reply) override {
    replied = reply;
    head = std::string(reply.head);
    body = std::string(reply.body);
  }

  Fault open() {
    opened.reset();
    const Fault fault = client.open();
    if (fault != Fault::none) return fault;
    while (!opened) poller.wait(1s);
    return *opened;
  }
  Reply exchange(std::string_view bytes) {
    Message message;
    message.bytes = bytes;
    message.size = bytes.size();
    return exchange(message);
  }
  Reply exchange(const Message& message) {
    replied.reset();
    client.send(message, {true, true});
    while (!replied) poller.wait(1s);
    return *replied;
  }

  Poller poller = Poller::create().value();
  Destination destination;
  ClientContext context;
  Http1Client client;
  std::optional<Fault> opened;
  std::optional<Reply> replied;
  std::string head;
  std::string body;
};

TEST(Http1Client, several_exchanges_share_a_connection) {
  ScriptedServer server({[](int fd) {
    for (const char* body : {"one", "two", "three"}) {
      read_until(fd, "\r\n\r\n");
      write_all(fd, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", std::string(body).size(), body));
    }
  }});
  Owner owner(address_of(server));
  ASSERT_EQ(owner.open(), Fault::none);
  for (const char* body : {"one", "two", "three"}) {
    ASSERT_EQ(owner.client.state(), Client::State::idle);
    const Reply reply = owner.exchange(kRequest);
    EXPECT_EQ(reply.fault, Fault::none);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(owner.head, fmt::format("Content-Length: {}\r\n", std::string(body).size()));
    EXPECT_EQ(owner.body, body);
    EXPECT_EQ(reply.bytes_received, 38 + std::string(body).size());
  }
}

TEST(Http1Client, a_server_that_says_close_is_believed_and_can_be_opened_again) {
  const auto script = [](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  };
  ScriptedServer server({script, script});
  Owner owner(address_of(server));
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(owner.open(), Fault::none);
    EXPECT_EQ(owner.exchange(kRequest).fault, Fault::none);
    EXPECT_EQ(owner.client.state(), Client::State::closed);
  }
}

TEST(Http1Client, an_answer_of_many_reads_is_put_together) {
  const std::string big(3'000'000, 'b');
  ScriptedServer server({[&](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", big.size()));
    write_all(fd, big);
  }});
  Owner owner(address_of(server));
  ASSERT_EQ(owner.open(), Fault::none);
  EXPECT_EQ(owner.exchange(kRequest).fault, Fault::none);
  EXPECT_EQ(owner.body, big);
}

TEST(Http1Client, a_request_larger_than_the_socket_takes_is_sent_in_the_end) {
  const std::string body(8'000'000, 'p');
  std::size_t arrived = 0;
  {
    ScriptedServer server({[&](int fd) {
      arrived = read_until(fd, "END").size();
      write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }});
    Owner owner(address_of(server));
    ASSERT_EQ(owner.open(), Fault::none);
    EXPECT_EQ(owner.exchange("POST / HTTP/1.1\r\nContent-Length: 8000003\r\n\r\n" + body + "END").fault, Fault::none);
  }
  EXPECT_GT(arrived, body.size());
}

TEST(Http1Client, each_way_to_break_has_its_own_fault) {
  const auto answer_with = [](std::string text, bool reset_after = false) {
    return [=](int fd) {
      read_until(fd, "\r\n\r\n");
      write_all(fd, text);
      if (reset_after) reset_on_close(fd);
    };
  };
  std::string interim;
  for (int i = 0; i < 1000; ++i) interim += "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
  ScriptedServer server({
      answer_with(""),
      answer_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
      answer_with("", true),
      answer_with("SSH-2.0-nonsense\r\n"),
      answer_with("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more than that"),
      answer_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true),
      answer_with("HTTP/1.1 200 OK\r\n" + std::string(100'000, 'x')),
      answer_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
      answer_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(100'000, 'x')),
      answer_with(interim),
      answer_with("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n 3\r\n\r\nok"),
      answer_with("HTTP/1.1 200 OK\r\n\r\nuntil the close"),
  });
  Owner owner(address_of(server));
  for (const Fault expected : {Fault::closed, Fault::cut_short, Fault::reset, Fault::not_http, Fault::wrong_length,
                               Fault::reset, Fault::head_too_large, Fault::bad_chunk, Fault::bad_chunk,
                               Fault::endless_interim, Fault::protocol, Fault::none}) {
    ASSERT_EQ(owner.open(), Fault::none);
    EXPECT_EQ(owner.exchange(kRequest).fault, expected) << name_of(expected);
    EXPECT_EQ(owner.client.state(), Client::State::closed);
  }
}

TEST(Http1Client, a_connection_for_one_request_is_closed_whatever_the_server_says) {
  const auto script = [](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_TRUE(read_until(fd, "never").empty());
  };
  ScriptedServer server({script, script});
  Owner owner(address_of(server));
  Message message;
  message.bytes = kRequest;
  message.last = true;
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(owner.open(), Fault::none);
    EXPECT_EQ(owner.exchange(message).fault, Fault::none);
    EXPECT_EQ(owner.client.state(), Client::State::closed);
  }
}

// A request whose last bytes wait for a 100 (Continue).
Message waiting_message(std::string_view bytes, std::size_t held_back) {
  Message message;
  message.bytes = bytes;
  message.size = bytes.size();
  message.held_back = held_back;
  return message;
}

constexpr const char* kWaiting = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 8\r\n\r\nthe body";

TEST(Http1Client, a_body_waits_until_the_server_wants_it) {
  std::string head, body;
  {
    ScriptedServer server({[&](int fd) {
      for (int round = 0; round < 2; ++round) {
        head = read_until(fd, "\r\n\r\n");
        write_all(fd, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
        body = read_exactly(fd, 8);
        write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    }});
    Owner owner(address_of(server));
    ASSERT_EQ(owner.open(), Fault::none);
    for (int round = 0; round < 2; ++round) {
      ASSERT_EQ(owner.client.state(), Client::State::idle);
      const Reply reply = owner.exchange(waiting_message(kWaiting, 8));
      EXPECT_EQ(reply.fault, Fault::none);
      EXPECT_EQ(reply.status, 200);
    }
  }
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << "without the body";
  EXPECT_EQ(body, "the body");
}

TEST(Http1Client, an_answer_instead_of_a_100_spares_the_body) {
  std::string after;
  {
    ScriptedServer server({[&](int fd) {
      read_until(fd, "\r\n\r\n");
      write_all(fd, "HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
      after = read_until(fd, "never");
    }});
    Owner owner(address_of(server));
    ASSERT_EQ(owner.open(), Fault::none);
    const Reply reply = owner.exchange(waiting_message(kWaiting, 8));
    EXPECT_EQ(reply.fault, Fault::none);
    EXPECT_EQ(reply.status, 417);
    EXPECT_EQ(reply.bytes_sent, std::string_view(kWaiting).size() - 8);
    EXPECT_EQ(owner.client.state(), Client::State::closed) << "the server may still expect the body";
  }
  EXPECT_EQ(after, "");
}

TEST(Http1Client, a_server_that_never_asks_for_the_body_gets_it_all_the_same) {
  std::string body;
  {
    ScriptedServer server({[&](int fd) {
      read_until(fd, "\r\n\r\n");
      body = read_exactly(fd, 8);
      write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }});
    Owner owner(address_of(server));
    ASSERT_EQ(owner.open(), Fault::none);
    EXPECT_EQ(owner.exchange(waiting_message(kWaiting, 8)).status, 200);
  }
  EXPECT_EQ(body, "the body");
}

TEST(Http1Client, a_packed_body_is_unpacked_where_somebody_looks_at_it) {
  // "packed" as gzip has it.
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\x48\x4c\xce\x4e\x4d\x01\x00\x10\xb4\xf6\x21\x06\x00\x00\x00", 26);
  const std::string head =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.size());
  ScriptedServer server({[&](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, head + packed);
    read_until(fd, "\r\n\r\n");
    write_all(fd, head + std::string(packed.size(), 'x'));
    read_until(fd, "\r\n\r\n");
    write_all(fd, head + std::string(packed.size(), 'x'));
  }});
  Owner owner(address_of(server));
  ASSERT_EQ(owner.open(), Fault::none);
  const Reply reply = owner.exchange(kRequest);
  EXPECT_EQ(owner.body, "packed");
  EXPECT_EQ(reply.bytes_received, head.size() + packed.size()) << "as it came";
  EXPECT_EQ(owner.exchange(kRequest).fault, Fault::undecodable);
  EXPECT_EQ(owner.client.state(), Client::State::idle) << "the connection is none the worse for it";
  owner.replied.reset();
  owner.client.send({kRequest, std::string_view(kRequest).size(), false}, {});
  while (!owner.replied) owner.poller.wait(1s);
  EXPECT_EQ(owner.replied->fault, Fault::none) << "nobody looks";
}

TEST(Http1Client, a_body_without_end_is_counted_and_not_kept) {
  constexpr std::uint64_t kPieces = 3000;
  const std::string piece(100'000, 'x');
  ScriptedServer server({[&](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", kPieces * piece.size()));
    for (std::uint64_t i = 0; i < kPieces; ++i) write_all(fd, piece);
  }});
  Owner owner(address_of(server));
  ASSERT_EQ(owner.open(), Fault::none);
  const Reply reply = owner.exchange(kRequest);
  EXPECT_EQ(reply.fault, Fault::none);
  EXPECT_GT(reply.bytes_received, kPieces * piece.size());
  EXPECT_EQ(reply.body.size(), Http1Parser::kMaxKeptBody);
  EXPECT_TRUE(reply.body_was_cut);
}

TEST(Http1Client, nobody_listening_is_connection_refused) {
  std::optional<Address> address;
  { address = address_of(ScriptedServer(std::vector<ScriptedServer::Script>())); }
  Owner owner(*address);
  EXPECT_EQ(owner.open(), Fault::connect_refused);
  EXPECT_EQ(owner.client.state(), Client::State::closed);
}

TEST(Http1Client, want_of_descriptors_is_a_fault_of_its_own) {
  ScriptedServer server({[](int) {}});
  Owner owner(address_of(server));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none_left{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  const Fault fault = owner.open();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(fault, Fault::no_descriptors);
  EXPECT_EQ(owner.open(), Fault::none) << "once there are some again";
}

TEST(Http1Client, want_of_ports_is_no_fault_of_the_targets) {
  EXPECT_EQ(connect_fault(EADDRNOTAVAIL), Fault::no_ports);
  EXPECT_EQ(connect_fault(ENETUNREACH), Fault::connect_failed);
}

TEST(Http1Client, an_idle_connection_that_the_server_closes_is_noticed) {
  ScriptedServer server({[](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }});
  Owner owner(address_of(server));
  ASSERT_EQ(owner.open(), Fault::none);
  ASSERT_EQ(owner.exchange(kRequest).fault, Fault::none);
  while (owner.client.state() == Client::State::idle) owner.poller.wait(1s);
  EXPECT_EQ(owner.client.state(), Client::State::closed);
}

TEST(Http1Client, a_request_that_came_as_keep_alive_ran_out_is_a_fault_of_its_own_unless_it_was_taken) {
  std::promise<void> answered;
  std::promise<void> closed;
  ScriptedServer server({[&](int fd) {
                           read_until(fd, "\r\n\r\n");
                           write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                           answered.get_future().wait();
                           ::shutdown(fd, SHUT_RDWR);
                           closed.set_value();
                         },
                         [](int fd) {
                           read_until(fd, "\r\n\r\n");
                           write_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                           read_until(fd, "\r\n\r\n");
                         }});
  Owner owner(address_of(server));
  ASSERT_EQ(owner.open(), Fault::none);
  ASSERT_EQ(owner.exchange(kRequest).fault, Fault::none);
  answered.set_value();
  closed.get_future().wait();
  EXPECT_EQ(owner.exchange(kRequest).fault, Fault::stale);
  ASSERT_EQ(owner.open(), Fault::none);
  ASSERT_EQ(owner.exchange(kRequest).fault, Fault::none);
  EXPECT_EQ(owner.exchange(kRequest).fault, Fault::closed) << "the server had it, and gave no answer";
}

TEST(Http1Client, an_abandoned_exchange_says_nothing_more) {
  ScriptedServer server({[](int fd) { EXPECT_LE(read_until(fd, "never").size(), 64u); }});
  Owner owner(address_of(server));
  ASSERT_EQ(owner.open(), Fault::none);
  owner.client.send({kRequest, std::string_view(kRequest).size(), false}, {});
  owner.client.abandon();
  EXPECT_EQ(owner.client.state(), Client::State::closed);
  owner.poller.wait(10ms);
  EXPECT_FALSE(owner.replied);
}

}  // namespace
}  // namespace loadlab
