#include "loadlab/protocol/http1_pipeline.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/protocol/pool_users_test.h"
#include "support/scripted_server.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using ::testing::Each;
using ::testing::ElementsAre;

struct Users : PoolUsers {
  Users(const ScriptedServer& server, std::size_t depth, int count)
      : PoolUsers(server.port(), http1_pipeline, depth, count) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i].bytes = fmt::format("GET /{} HTTP/1.1\r\n\r\n", i);
  }
};

std::string answer(std::string_view body, std::string_view more = "") {
  return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", more, body.size(), body);
}

// Until the client goes.
void swallow(int fd) { read_until(fd, "never"); }

TEST(Http1Pipeline, requests_leave_together_and_answers_find_their_users_in_order) {
  std::string asked;
  {
    ScriptedServer server({[&](int fd) {
      for (int round = 0; round < 2; ++round) {
        asked = read_until(fd, "GET /2 HTTP/1.1\r\n\r\n");
        write_all(fd, answer("zero") + answer("one") + answer("two"));
      }
    }});
    Users users(server, 3, 3);
    EXPECT_THAT(users.open(), Each(Fault::none));
    EXPECT_GT(users.all[0].opened->connect.count(), 0);
    EXPECT_EQ(users.all[1].opened->connect.count(), 0) << "a connection is timed once";
    for (int round = 0; round < 2; ++round) {
      EXPECT_THAT(users.exchange(), Each(Fault::none));
      EXPECT_EQ(users.all[0].body, "zero");
      EXPECT_EQ(users.all[1].body, "one");
      EXPECT_EQ(users.all[2].body, "two");
      EXPECT_EQ(users.all[2].replied->bytes_received, answer("two").size());
    }
  }
  EXPECT_EQ(asked, "GET /0 HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
}

TEST(Http1Pipeline, an_answer_in_pieces_is_put_together) {
  ScriptedServer server({[&](int fd) {
    read_until(fd, "GET /1 HTTP/1.1\r\n\r\n");
    for (const char c : answer("zero") + answer("one")) write_all(fd, std::string(1, c));
  }});
  Users users(server, 2, 2);
  EXPECT_THAT(users.open(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), Each(Fault::none));
  EXPECT_EQ(users.all[1].body, "one");
}

TEST(Http1Pipeline, who_finds_no_room_opens_another_connection) {
  const auto serve = [](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, answer("ok"));
    read_until(fd, "\r\n\r\n");
    write_all(fd, answer("ok"));
    swallow(fd);
  };
  ScriptedServer server({serve, serve});
  Users users(server, 1, 2);
  EXPECT_THAT(users.open(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), Each(Fault::none));
}

TEST(Http1Pipeline, what_breaks_an_answer_breaks_those_behind_it_under_another_name) {
  const auto answer_with = [](std::string text) {
    return [=](int fd) {
      read_until(fd, "GET /2 HTTP/1.1\r\n\r\n");
      write_all(fd, text);
    };
  };
  ScriptedServer server({
      answer_with(""),
      answer_with(answer("zero")),
      answer_with(answer("zero") + "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
      answer_with("SSH-2.0-nonsense\r\n"),
      answer_with(answer("zero", "Connection: close\r\n") + answer("one")),
      answer_with("HTTP/1.1 200 OK\r\n\r\nuntil the close"),
  });
  Users users(server, 3, 3);
  constexpr Fault kNone = Fault::none;
  constexpr Fault kBroken = Fault::broken_pipeline;
  for (const std::vector<Fault>& expected : std::vector<std::vector<Fault>>{{Fault::closed, kBroken, kBroken},
                                                                            {kNone, Fault::closed, kBroken},
                                                                            {kNone, Fault::cut_short, kBroken},
                                                                            {Fault::not_http, kBroken, kBroken},
                                                                            {kNone, kBroken, kBroken},
                                                                            {kNone, kBroken, kBroken}}) {
    EXPECT_THAT(users.open(), Each(kNone));
    EXPECT_EQ(users.exchange(), expected);
    for (PoolUser& user : users.all) EXPECT_EQ(user.client->state(), Client::State::closed);
  }
}

TEST(Http1Pipeline, one_that_is_given_up_ends_the_connection_for_all) {
  ScriptedServer server({[](int fd) {
                           read_until(fd, "GET /2 HTTP/1.1\r\n\r\n");
                           write_all(fd, answer("zero"));
                           EXPECT_EQ(read_until(fd, "never"), "");
                         },
                         [](int fd) {
                           read_until(fd, "GET /2 HTTP/1.1\r\n\r\n");
                           write_all(fd, answer("zero") + answer("one") + answer("two"));
                         }});
  Users users(server, 3, 3);
  EXPECT_THAT(users.open(), Each(Fault::none));
  for (PoolUser& user : users.all) user.send();
  users.wait_until([&] { return users.all[0].replied.has_value(); });
  users.all[1].client->abandon();
  EXPECT_FALSE(users.all[2].replied) << "never from within";
  users.wait_until([&] { return users.all[2].replied.has_value(); });
  EXPECT_EQ(users.all[0].replied->fault, Fault::none);
  EXPECT_FALSE(users.all[1].replied) << "nothing more is said of it";
  EXPECT_EQ(users.all[2].replied->fault, Fault::broken_pipeline);
  for (PoolUser& user : users.all) EXPECT_EQ(user.client->state(), Client::State::closed);
  EXPECT_THAT(users.open(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), Each(Fault::none));
}

TEST(Http1Pipeline, an_answer_that_nobody_asked_for_ends_the_connection) {
  ScriptedServer server({[](int fd) {
    read_until(fd, "GET /0 HTTP/1.1\r\n\r\n");
    write_all(fd, answer("zero") + answer("one"));
    swallow(fd);
  }});
  Users users(server, 1, 1);
  EXPECT_THAT(users.open(), Each(Fault::none));
  EXPECT_THAT(users.exchange(), ElementsAre(Fault::none)) << "its own answer is whole";
  users.wait_until([&] { return users.all[0].client->state() == Client::State::closed; });
}

}  // namespace
}  // namespace loadlab
