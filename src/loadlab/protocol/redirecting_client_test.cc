#include "loadlab/protocol/redirecting_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "loadlab/protocol/one_step_test.h"
#include "support/http2_frames.h"
#include "support/scripted_server.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

// One user with one step, whose redirects are followed.
class User final : public ClientOwner {
 public:
  User(const ScriptedServer& server, Step step, Http http = {})
      : destination_(destination_of(server.port())), test_(one_step_test(server.port(), step, http)) {
    connector_ = make_connector(test_, {poller_, destination_, 0});
    client_ = connector_->client(*this);
    request_ = make_request(test_, step);
  }

  void on_open(const Opening& opening) override { opened_ = opening.fault; }
  void on_reply(const Reply& reply) override {
    replied = reply;
    body = std::string(reply.body);
  }
  void on_redirect() override { ++redirects; }

  Fault exchange() {
    if (client_->state() == Client::State::closed) {
      EXPECT_EQ(client_->open(), Fault::none);
      while (!opened_) poller_.wait(1s);
    }
    replied.reset();
    const Message message = request_->render({}, scratch_);
    Wanted wanted;
    wanted.body = true;
    client_->send(message, wanted);
    EXPECT_EQ(client_->state(), Client::State::busy);
    while (!replied) poller_.wait(1s);
    return replied->fault;
  }
  void begin_and_abandon_after_a_redirect() {
    EXPECT_EQ(client_->open(), Fault::none);
    while (!opened_) poller_.wait(1s);
    client_->send(request_->render({}, scratch_), {});
    while (redirects == 0) poller_.wait(1s);
    EXPECT_EQ(client_->state(), Client::State::busy);
    client_->abandon();
    EXPECT_EQ(client_->state(), Client::State::closed);
  }

  int redirects = 0;
  std::optional<Reply> replied;
  std::string body;

 private:
  Poller poller_ = Poller::create().value();
  Destination destination_;
  loadlab::Test test_;
  std::unique_ptr<Connector> connector_;
  std::unique_ptr<Request> request_;
  std::unique_ptr<Client> client_;
  Scratch scratch_;
  std::optional<Fault> opened_;
};

Step step_of(std::string method, int redirects, std::string body = "") {
  Step step;
  step.method = std::move(method);
  step.path = {{std::string("/begin")}};
  step.redirects = redirects;
  step.has_body = !body.empty();
  if (step.has_body) step.headers = {{"Content-Type", {{std::string("text/plain")}}}, {"X-Kept", {{std::string("1")}}}};
  step.body = {{std::move(body)}};
  return step;
}

std::string redirect(int status, std::string_view location, std::string_view more = "") {
  return fmt::format("HTTP/1.1 {} Elsewhere\r\nLocation: {}\r\n{}Content-Length: 2\r\n\r\nno", status, location, more);
}

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers one request after the other on a connection, and notes what was asked.
ScriptedServer::Script answering(std::vector<std::string> answers, std::vector<std::string>& asked,
                                 std::string_view end = "\r\n\r\n") {
  return [answers = std::move(answers), &asked, end = std::string(end)](int fd) {
    for (const std::string& answer : answers) {
      asked.push_back(read_until(fd, end));
      write_all(fd, answer);
    }
  };
}

TEST(RedirectingClient, follows_within_the_target_and_tells_the_last_answer_only) {
  std::vector<std::string> asked;
  std::uint64_t bytes_sent = 0;
  const std::string first = redirect(302, "/next?x=1");
  const std::string second = redirect(301, "last");
  {
    ScriptedServer server({answering({first, second, kOk}, asked)});
    User user(server, step_of("GET", 2));
    EXPECT_EQ(user.exchange(), Fault::none);
    EXPECT_EQ(user.replied->status, 200);
    EXPECT_EQ(user.body, "ok");
    EXPECT_EQ(user.redirects, 2);
    EXPECT_EQ(user.replied->bytes_received, first.size() + second.size() + std::string(kOk).size());
    bytes_sent = user.replied->bytes_sent;
  }
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(bytes_sent, asked[0].size() + asked[1].size() + asked[2].size());
  EXPECT_TRUE(asked[0].starts_with("GET /begin HTTP/1.1\r\n"));
  EXPECT_TRUE(asked[1].starts_with("GET /next?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_TRUE(asked[2].starts_with("GET /last HTTP/1.1\r\n"));
}

TEST(RedirectingClient, what_becomes_of_a_post_depends_on_the_status) {
  for (const int status : {301, 302, 303, 307, 308}) {
    std::vector<std::string> asked;
    const bool to_get = status <= 303;
    {
      ScriptedServer server({[&](int fd) {
        asked.push_back(read_until(fd, "\r\n\r\nthe body"));
        write_all(fd, redirect(status, "/other"));
        asked.push_back(read_until(fd, to_get ? "\r\n\r\n" : "\r\n\r\nthe body"));
        write_all(fd, kOk);
      }});
      User user(server, step_of("POST", 1, "the body"));
      EXPECT_EQ(user.exchange(), Fault::none);
    }
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_TRUE(asked[1].starts_with(to_get ? "GET /other " : "POST /other ")) << status;
    EXPECT_EQ(asked[1].find("Content-") == std::string::npos, to_get) << asked[1];
    EXPECT_EQ(asked[1].ends_with("the body"), !to_get);
    EXPECT_NE(asked[1].find("X-Kept: 1\r\n"), std::string::npos);
  }
}

TEST(RedirectingClient, a_connection_that_ends_on_the_way_is_opened_anew) {
  std::vector<std::string> asked;
  ScriptedServer server({answering({redirect(302, "/next", "Connection: close\r\n")}, asked), answering({kOk}, asked)});
  User user(server, step_of("GET", 1));
  EXPECT_EQ(user.exchange(), Fault::none);
  EXPECT_EQ(user.body, "ok");
}

TEST(RedirectingClient, each_way_not_to_follow_has_its_own_fault) {
  std::vector<std::string> asked;
  ScriptedServer server({answering(
      {redirect(302, "/1"), redirect(302, "/2"), redirect(302, "https://127.0.0.1/"), redirect(302, "/a\tb"),
       "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nLocation: /x\r\n\r\n"},
      asked)});
  User user(server, step_of("GET", 1));
  for (const Fault fault : {Fault::too_many_redirects, Fault::redirected_elsewhere, Fault::bad_redirect}) {
    EXPECT_EQ(user.exchange(), fault) << name_of(fault);
    EXPECT_EQ(user.replied->status, 302);
  }
  EXPECT_EQ(user.exchange(), Fault::none) << "without a Location it is an answer";
  EXPECT_EQ(user.replied->status, 302);
  EXPECT_EQ(user.exchange(), Fault::none);
  EXPECT_EQ(user.replied->status, 304);
  EXPECT_EQ(user.redirects, 1);
}

TEST(RedirectingClient, an_exchange_given_up_on_the_way_says_nothing_more) {
  std::vector<std::string> asked;
  ScriptedServer server({[](int fd) {
    read_until(fd, "\r\n\r\n");
    write_all(fd, redirect(302, "/slow"));
    EXPECT_EQ(read_until(fd, "never").find("GET /slow"), 0u);
  }});
  User user(server, step_of("GET", 5));
  user.begin_and_abandon_after_a_redirect();
  EXPECT_FALSE(user.replied);
}

TEST(RedirectingClient, http2_is_led_the_same_way) {
  ScriptedServer server({[](int fd) {
    http2::read_preface(fd);
    write_all(fd, http2::settings());
    const http2::Frame first = http2::read_frame(fd, http2::kHeaders);
    const http2::Frame body = http2::read_frame(fd, http2::kData);
    EXPECT_EQ(body.payload, "the body");
    // :status 302 by its name's index, as a literal.
    write_all(fd, http2::frame(http2::kHeaders, http2::kEndHeaders | http2::kEndStream, first.stream,
                               std::string("\x08\x03"
                                           "302",
                                           5) +
                                   http2::literal("location", "/next")));
    const http2::Frame second = http2::read_frame(fd, http2::kHeaders);
    EXPECT_NE(second.flags & http2::kEndStream, 0) << "a GET without a body";
    write_all(fd, http2::answer(second.stream, "there"));
    http2::read_frame(fd, 254);
  }});
  Http http;
  http.version = HttpVersion::http2;
  User user(server, step_of("POST", 3, "the body"), http);
  EXPECT_EQ(user.exchange(), Fault::none);
  EXPECT_EQ(user.body, "there");
  EXPECT_EQ(user.redirects, 1);
}

}  // namespace
}  // namespace loadlab
