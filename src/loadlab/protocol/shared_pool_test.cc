#include "loadlab/protocol/shared_pool.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "loadlab/protocol/http2_session.h"
#include "loadlab/protocol/pool_users_test.h"
#include "support/http2_frames.h"
#include "support/scripted_server.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using ::testing::Each;
using ::testing::UnorderedElementsAre;

struct Users : PoolUsers {
  Users(const ScriptedServer& server, std::size_t streams, int count)
      : PoolUsers(server.port(), http2_session, streams, count) {}
};
using User = PoolUser;

void greet(int fd, const std::string& settings = http2::settings()) {
  http2::read_preface(fd);
  write_all(fd, settings);
}

// Answers requests, in order, until the client goes; returns how many there were.
int serve(int fd) {
  for (int served = 0;; ++served) {
    const http2::Frame request = http2::read_frame(fd, http2::kHeaders);
    if (request.type != http2::kHeaders) return served;
    write_all(fd, http2::answer(request.stream, fmt::format("stream {}", request.stream)));
  }
}

void greet_and_serve(int fd) {
  greet(fd);
  serve(fd);
}

// Until the client goes.
void swallow(int fd) { http2::read_frame(fd, 254); }

TEST(SharedPool, users_share_connections_and_each_gets_its_own_answers) {
  int first = 0, second = 0;
  {
    ScriptedServer server({[&](int fd) {
                             greet(fd);
                             first = serve(fd);
                           },
                           [&](int fd) {
                             greet(fd);
                             second = serve(fd);
                           }});
    {
      Users three(server, 3, 3);
      EXPECT_THAT(three.open(), Each(Fault::none));
      EXPECT_GT(three.all[0].opened->connect.count(), 0);
      EXPECT_EQ(three.all[1].opened->connect.count(), 0) << "a connection is timed once";
      EXPECT_THAT(three.exchange(), Each(Fault::none));
      EXPECT_THAT(three.exchange(), Each(Fault::none));
      EXPECT_EQ(three.all[2].body, "stream 11");
      EXPECT_EQ(three.all[2].replied->status, 200);
      EXPECT_EQ(three.all[2].replied->bytes_received, 9u + 1 + 9 + 9);
      EXPECT_GT(three.all[2].replied->bytes_sent, 9u);
    }
    Users one(server, 3, 1);
    EXPECT_THAT(one.open(), Each(Fault::none));
    EXPECT_THAT(one.exchange(), Each(Fault::none));
  }
  EXPECT_EQ(first, 6);
  EXPECT_EQ(second, 1);
}

TEST(SharedPool, requests_of_a_turn_leave_together) {
  ScriptedServer server({[](int fd) {
    greet(fd);
    http2::read_frame(fd, http2::kSettings);
    char first_byte = 0;
    while (::recv(fd, &first_byte, 1, MSG_PEEK) == 1 && http2::read_frame(fd, http2::kHeaders).stream == 0) {
    }
    std::string rest(4096, '\0');
    rest.resize(static_cast<std::size_t>(::recv(fd, rest.data(), rest.size(), MSG_DONTWAIT)));
    int together = 1;
    for (http2::Frame frame; http2::take(rest, frame);) together += frame.type == http2::kHeaders;
    EXPECT_EQ(together, 10);
    for (std::uint32_t stream = 1; stream < 20; stream += 2) write_all(fd, http2::answer(stream, "."));
    swallow(fd);
  }});
  Users users(server, 10, 10);
  users.open();
  EXPECT_THAT(users.exchange(), Each(Fault::none));
}

TEST(SharedPool, a_server_that_bears_fewer_streams_is_given_more_connections) {
  const auto bears_two = [](int fd) {
    greet(fd, http2::settings({{3, 2}}));
    EXPECT_EQ(serve(fd), 2);
  };
  ScriptedServer server({bears_two, bears_two, bears_two});
  Users users(server, 100, 6);
  EXPECT_THAT(users.open(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), Each(Fault::none));
}

TEST(SharedPool, after_goaway_the_taken_are_answered_and_the_others_go_elsewhere) {
  ScriptedServer server({[](int fd) {
                           greet(fd);
                           for (int i = 0; i < 3; ++i) http2::read_frame(fd, http2::kHeaders);
                           write_all(fd, http2::goaway(3));
                           write_all(fd, http2::answer(3, "three") + http2::answer(1, "one"));
                           EXPECT_EQ(http2::read_frame(fd, http2::kHeaders).type, 255);
                         },
                         greet_and_serve});
  Users users(server, 3, 3);
  users.open();
  EXPECT_THAT(users.exchange(), UnorderedElementsAre(Fault::none, Fault::none, Fault::going_away));
  for (User& user : users.all) EXPECT_EQ(user.client->state(), Client::State::closed);
  EXPECT_THAT(users.open(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), Each(Fault::none));
}

TEST(SharedPool, idle_users_notice_that_the_server_goes_away) {
  ScriptedServer server({[](int fd) {
    greet(fd);
    http2::read_frame(fd, http2::kSettings);
    http2::read_frame(fd, http2::kSettings);  // the acknowledgement: by then the users know that they may send
    write_all(fd, http2::goaway(0));
    swallow(fd);
  }});
  Users users(server, 2, 2);
  users.open();
  users.wait_for_each([](const User& user) { return user.client->state() == Client::State::closed; });
}

TEST(SharedPool, a_server_that_refuses_everybody_is_not_asked_again_and_again) {
  ScriptedServer server({[](int fd) {
    http2::read_preface(fd);
    write_all(fd, http2::settings() + http2::goaway(0));
    swallow(fd);
  }});
  Users users(server, 2, 2);
  EXPECT_THAT(users.open(), Each(Fault::going_away));
}

TEST(SharedPool, each_way_to_break_a_connection_has_its_own_fault) {
  const auto answer_with = [](std::string bytes, bool reset = false) {
    return [=](int fd) {
      greet(fd);
      http2::read_frame(fd, http2::kHeaders);
      http2::read_frame(fd, http2::kHeaders);
      if (!write_all(fd, bytes) || bytes.empty()) return reset ? reset_on_close(fd) : void();
      swallow(fd);
    };
  };
  std::string flood;
  while (flood.size() < 100'000) flood += http2::frame(http2::kPing, 0, 0, "12345678");
  ScriptedServer server(
      {answer_with(""), answer_with("", true), answer_with("HTTP/1.1 400 Bad Request\r\n\r\n"), answer_with(flood)});
  Users users(server, 2, 2);
  for (const Fault expected : {Fault::closed, Fault::reset, Fault::protocol, Fault::flood}) {
    EXPECT_THAT(users.open(), Each(Fault::none));
    EXPECT_THAT(users.exchange(), Each(expected)) << name_of(expected);
    for (User& user : users.all) EXPECT_EQ(user.client->state(), Client::State::closed);
  }
}

TEST(SharedPool, a_server_that_speaks_something_else_opens_nothing) {
  ScriptedServer server({[](int fd) {
                           write_all(fd, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                           swallow(fd);
                         },
                         [](int fd) {
                           http2::read_preface(fd);
                           http2::read_frame(fd, http2::kWindowUpdate);
                         }});
  Users users(server, 2, 2);
  EXPECT_THAT(users.open(), Each(Fault::protocol));
  EXPECT_THAT(users.open(), Each(Fault::closed));
}

TEST(SharedPool, nobody_listening_is_connection_refused) {
  std::optional<Users> users;
  { users.emplace(ScriptedServer(std::vector<ScriptedServer::Script>()), 2, 1); }
  EXPECT_THAT(users->open(), Each(Fault::connect_refused));
  EXPECT_EQ(users->all[0].client->state(), Client::State::closed);
}

TEST(SharedPool, an_abandoned_request_is_reset_and_its_neighbour_unharmed) {
  ScriptedServer server({[](int fd) {
    greet(fd);
    const auto next_request = [fd] { return http2::read_frame(fd, http2::kHeaders).stream; };
    next_request();
    const std::uint32_t kept = next_request();
    write_all(fd, http2::answer(next_request(), "alive"));
    const http2::Frame reset = http2::read_frame(fd, http2::kRstStream);
    EXPECT_EQ(reset.payload, http2::number(8, 4)) << "CANCEL";
    write_all(fd, http2::answer(reset.stream, "late") + http2::answer(kept, "kept"));
    write_all(fd, http2::answer(next_request(), "again"));
    swallow(fd);
  }});
  Users users(server, 3, 3);
  users.open();
  for (User& user : users.all) user.send();
  User& given_up = users.all[0];
  users.wait_until([&] { return users.all[2].replied.has_value(); });
  given_up.client->abandon();
  EXPECT_EQ(given_up.client->state(), Client::State::closed);
  users.wait_until([&] { return users.all[1].replied.has_value(); });
  EXPECT_FALSE(given_up.replied);
  EXPECT_EQ(users.all[1].body, "kept");
  given_up.opened.reset();
  EXPECT_EQ(given_up.client->open(), Fault::none);
  users.wait_until([&] { return given_up.opened.has_value(); });
  given_up.send();
  users.wait_until([&] { return given_up.replied.has_value(); });
  EXPECT_EQ(given_up.body, "again") << "on the connection it left";
}

TEST(SharedPool, who_got_nothing_from_a_silent_connection_comes_back_on_another) {
  ScriptedServer server({[](int fd) {
                           greet(fd);
                           EXPECT_EQ(http2::read_frame(fd, 254).type, 255);
                         },
                         greet_and_serve});
  Users users(server, 2, 2);
  users.open();
  for (User& user : users.all) user.send();
  users.poller.wait(0s);
  for (User& user : users.all) user.client->abandon();
  EXPECT_THAT(users.open(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), Each(Fault::none));
}

TEST(SharedPool, a_large_request_is_sent_as_the_server_opens_its_window) {
  const std::string payload(3'000'000, 'u');
  std::size_t arrived = 0;
  {
    ScriptedServer server({[&](int fd) {
      greet(fd);
      const std::uint32_t stream = http2::read_frame(fd, http2::kHeaders).stream;
      for (bool last = false; !last;) {
        const http2::Frame data = http2::read_frame(fd, http2::kData);
        arrived += data.payload.size();
        last = data.type != http2::kData || (data.flags & http2::kEndStream) != 0;
        const std::string size = http2::number(std::max<std::size_t>(data.payload.size(), 1), 4);
        write_all(fd,
                  http2::frame(http2::kWindowUpdate, 0, 0, size) + http2::frame(http2::kWindowUpdate, 0, stream, size));
      }
      write_all(fd, http2::answer(stream, "thanks"));
      swallow(fd);
    }});
    Users users(server, 1, 1);
    users.open();
    EXPECT_THAT(users.exchange(payload), Each(Fault::none));
    EXPECT_GT(users.all[0].replied->bytes_sent, payload.size());
  }
  EXPECT_EQ(arrived, payload.size());
}

TEST(SharedPool, a_window_that_is_never_opened_leaves_time_to_the_time_out) {
  ScriptedServer server({[](int fd) {
    greet(fd, http2::settings({{4, 0}}));
    EXPECT_EQ(http2::read_frame(fd, http2::kData).type, 255) << "not a byte of the body";
  }});
  Users users(server, 1, 1);
  users.open();
  users.all[0].send("a body");
  users.poller.wait(20ms);
  EXPECT_FALSE(users.all[0].replied);
  users.all[0].client->abandon();
  EXPECT_EQ(users.all[0].client->state(), Client::State::closed);
}

TEST(SharedPool, a_large_download_does_not_wait_for_its_window) {
  const std::size_t pieces = 1000;
  ScriptedServer server({[&](int fd) {
    greet(fd);
    const std::uint32_t stream = http2::read_frame(fd, http2::kHeaders).stream;
    write_all(fd, http2::frame(http2::kHeaders, http2::kEndHeaders, stream, http2::kStatus200));
    std::int64_t stream_window = 1 << 20;
    const std::string piece = http2::frame(http2::kData, 0, stream, std::string(16'384, 'd'));
    for (std::size_t i = 0; i < pieces; ++i) {
      while (stream_window < 16'384) {
        const http2::Frame update = http2::read_frame(fd, http2::kWindowUpdate);
        ASSERT_EQ(update.type, http2::kWindowUpdate);
        if (update.stream != stream) continue;
        for (int byte = 0, shift = 24; byte < 4; ++byte, shift -= 8)
          stream_window += std::int64_t{static_cast<unsigned char>(update.payload[static_cast<std::size_t>(byte)])}
                           << shift;
      }
      stream_window -= 16'384;
      write_all(fd, piece);
    }
    write_all(fd, http2::frame(http2::kData, http2::kEndStream, stream));
    swallow(fd);
  }});
  Users users(server, 1, 1);
  users.open();
  EXPECT_THAT(users.exchange(), Each(Fault::none));
  EXPECT_GT(users.all[0].replied->bytes_received, pieces * 16'384);
}

TEST(SharedPool, who_sends_from_within_the_answer_goes_on_at_once) {
  ScriptedServer server({greet_and_serve});
  Users users(server, 1, 1);
  users.open();
  int left = 100;
  User& user = users.all[0];
  user.again = [&] {
    if (--left > 0) user.send();
  };
  user.send();
  while (left > 0) users.poller.wait(1s);
  EXPECT_EQ(user.body, "stream 199");
}

}  // namespace
}  // namespace loadlab
