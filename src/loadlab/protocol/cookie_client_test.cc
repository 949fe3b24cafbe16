#include "loadlab/protocol/cookie_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <optional>

#include "loadlab/protocol/one_step_test.h"
#include "support/http2_frames.h"
#include "support/scripted_server.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

// One user of a test that keeps cookies.
class User final : public ClientOwner {
 public:
  explicit User(const ScriptedServer& server, Http http = {}) : destination_(destination_of(server.port())) {
    Step step;
    step.redirects = 1;
    test_ = one_step_test(server.port(), step, http);
    test_.cookies = true;
    connector_ = make_connector(test_, {poller_, destination_, 0});
    client_ = connector_->client(*this);
  }

  void on_open(const Opening& opening) override { opened_ = opening.fault; }
  void on_reply(const Reply& reply) override { replied = reply; }

  Fault exchange(const Step& step) {
    if (client_->state() == Client::State::closed) {
      opened_.reset();
      EXPECT_EQ(client_->open(), Fault::none);
      while (!opened_) poller_.wait(1s);
    }
    replied.reset();
    const auto request = make_request(test_, step);
    Scratch scratch;
    client_->send(request->render({}, scratch), {});
    while (!replied) poller_.wait(1s);
    return replied->fault;
  }

  std::optional<Reply> replied;

 private:
  Poller poller_ = Poller::create().value();
  Destination destination_;
  loadlab::Test test_;
  std::unique_ptr<Connector> connector_;
  std::unique_ptr<Client> client_;
  std::optional<Fault> opened_;
};

Step step_of(std::string method, std::string path, std::vector<std::pair<std::string, std::string>> headers = {},
             std::string body = "") {
  Step step;
  step.method = std::move(method);
  step.path = {{std::move(path)}};
  for (auto& [name, value] : headers) step.headers.emplace_back(std::move(name), Template{{std::move(value)}});
  step.has_body = !body.empty();
  step.body = {{std::move(body)}};
  step.redirects = 1;
  return step;
}

std::string answer(std::string_view headers, std::string_view status = "200 OK") {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: 2\r\n\r\nok", status, headers);
}

// Answers one request after the other on a connection, and notes what was asked.
ScriptedServer::Script answering(std::vector<std::string> answers, std::vector<std::string>& asked) {
  return [answers = std::move(answers), &asked](int fd) {
    for (const std::string& answer : answers) {
      std::string request = read_until(fd, "\r\n\r\n");
      while (request.starts_with("POST") && !request.ends_with("the body")) request += read_some(fd);
      asked.push_back(request);
      write_all(fd, answer);
    }
  };
}

// The values of all Cookie headers.
std::vector<std::string> cookies_in(const std::string& request) {
  std::vector<std::string> values;
  for (auto at = request.find("\r\nCookie: "); at != std::string::npos; at = request.find("\r\nCookie: ", at + 1))
    values.push_back(request.substr(at + 10, request.find("\r\n", at + 2) - at - 10));
  return values;
}

using Values = std::vector<std::string>;

TEST(CookieClient, sends_what_was_set_in_one_header_and_counts_its_bytes) {
  std::vector<std::string> asked;
  std::uint64_t bytes_sent = 0;
  {
    ScriptedServer server(
        {answering({answer("Set-Cookie: a=1; Path=/\r\nset-cookie:b=2 ; Path=/below\r\n"),
                    answer("Set-Cookie: a=3; Path=/\r\n"), answer("Set-Cookie: a=; Path=/; Max-Age=0\r\n"), answer("")},
                   asked)});
    User user(server);
    EXPECT_EQ(user.exchange(step_of("GET", "/login")), Fault::none);
    EXPECT_EQ(user.exchange(step_of("POST", "/below", {}, "the body")), Fault::none);
    bytes_sent = user.replied->bytes_sent;
    EXPECT_EQ(user.exchange(step_of("GET", "/")), Fault::none);
    EXPECT_EQ(user.exchange(step_of("GET", "/")), Fault::none);
  }
  ASSERT_EQ(asked.size(), 4u);
  EXPECT_EQ(cookies_in(asked[0]), Values{});
  EXPECT_EQ(cookies_in(asked[1]), Values{"b=2; a=1"});
  EXPECT_TRUE(asked[1].ends_with("\r\n\r\nthe body")) << asked[1];
  EXPECT_EQ(bytes_sent, asked[1].size());
  EXPECT_EQ(cookies_in(asked[2]), Values{"a=3"});
  EXPECT_EQ(cookies_in(asked[3]), Values{});
}

TEST(CookieClient, leaves_a_header_of_the_step_s_own_alone_and_still_takes_what_is_set) {
  std::vector<std::string> asked;
  {
    ScriptedServer server(
        {answering({answer("Set-Cookie: a=1\r\n"), answer("Set-Cookie: b=2\r\n"), answer("")}, asked)});
    User user(server);
    user.exchange(step_of("GET", "/"));
    user.exchange(step_of("GET", "/", {{"cookie", "own=1"}}));
    user.exchange(step_of("GET", "/"));
  }
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_NE(asked[1].find("\r\ncookie: own=1\r\n"), std::string::npos);
  EXPECT_EQ(cookies_in(asked[1]), Values{});
  EXPECT_EQ(cookies_in(asked[2]), Values{"a=1; b=2"});
}

TEST(CookieClient, keeps_cookies_over_connections_and_with_each_step_of_a_redirection) {
  std::vector<std::string> asked;
  {
    ScriptedServer server(
        {answering({answer("Set-Cookie: sid=7; Path=/\r\nLocation: /home\r\nConnection: close\r\n", "303 See Other")},
                   asked),
         answering({answer("Connection: close\r\n")}, asked), answering({answer("")}, asked)});
    User user(server);
    EXPECT_EQ(user.exchange(step_of("POST", "/login", {}, "the body")), Fault::none);
    EXPECT_EQ(user.exchange(step_of("GET", "/page")), Fault::none);
  }
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_TRUE(asked[1].starts_with("GET /home "));
  EXPECT_EQ(cookies_in(asked[1]), Values{"sid=7"});
  EXPECT_EQ(cookies_in(asked[2]), Values{"sid=7"});
}

TEST(CookieClient, knows_the_host_that_the_step_names) {
  std::vector<std::string> asked;
  {
    ScriptedServer server({answering(
        {answer("Set-Cookie: wide=1; Domain=shop.test\r\nSet-Cookie: own=1\r\n"), answer(""), answer("")}, asked)});
    User user(server);
    user.exchange(step_of("GET", "/", {{"Host", "www.shop.test:8080"}}));
    user.exchange(step_of("GET", "/", {{"Host", "api.shop.test"}}));
    user.exchange(step_of("GET", "/"));
  }
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(cookies_in(asked[1]), Values{"wide=1"});
  EXPECT_EQ(cookies_in(asked[2]), Values{});
}

TEST(CookieClient, a_body_that_waits_to_be_asked_for_still_waits) {
  std::string head;
  {
    ScriptedServer server({[&head](int fd) {
      read_until(fd, "\r\n\r\n");
      write_all(fd, answer("Set-Cookie: a=1\r\n"));
      head = read_until(fd, "\r\n\r\n");
      write_all(fd, "HTTP/1.1 100 Continue\r\n\r\n");
      EXPECT_EQ(read_exactly(fd, 8), "the body");
      write_all(fd, answer(""));
    }});
    User user(server);
    user.exchange(step_of("GET", "/"));
    Step step = step_of("POST", "/", {}, "the body");
    step.expect_continue = true;
    EXPECT_EQ(user.exchange(step), Fault::none);
  }
  EXPECT_EQ(cookies_in(head), Values{"a=1"});
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

// What a connection's requests say, header block after header block.
class Headers {
 public:
  Headers() { nghttp2_hd_inflate_new(&inflater_); }
  ~Headers() { nghttp2_hd_inflate_del(inflater_); }
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;

  // The values of all fields named `cookie`. Frames without padding and priority only.
  std::vector<std::string> cookies(const std::string& block) {
    std::vector<std::string> values;
    const auto* in = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    for (;;) {
      nghttp2_nv field;
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, in, left, 1);
      if (used < 0) return {"not HPACK"};
      in += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0 &&
          std::string_view(reinterpret_cast<char*>(field.name), field.namelen) == "cookie")
        values.emplace_back(reinterpret_cast<char*>(field.value), field.valuelen);
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return values;
  }

 private:
  nghttp2_hd_inflater* inflater_ = nullptr;
};

TEST(CookieClient, speaks_http2_as_well) {
  std::vector<std::vector<std::string>> asked;
  {
    ScriptedServer server({[&asked](int fd) {
      Headers headers;
      http2::read_preface(fd);
      write_all(fd, http2::settings());
      for (int i = 0; i < 3; ++i) {
        const http2::Frame request = http2::read_frame(fd, http2::kHeaders);
        asked.push_back(headers.cookies(request.payload));
        write_all(fd, http2::frame(http2::kHeaders, http2::kEndHeaders | http2::kEndStream, request.stream,
                                   std::string(http2::kStatus200) + http2::literal("set-cookie", "a=1; Path=/") +
                                       http2::literal("set-cookie", "b=2; HttpOnly")));
      }
      http2::read_frame(fd, 254);
    }});
    Http http;
    http.version = HttpVersion::http2;
    User user(server, http);
    EXPECT_EQ(user.exchange(step_of("GET", "/")), Fault::none);
    EXPECT_EQ(user.exchange(step_of("POST", "/", {}, "the body")), Fault::none);
    EXPECT_EQ(user.exchange(step_of("GET", "/", {{"Cookie", "own=1"}})), Fault::none);
  }
  EXPECT_EQ(asked, (std::vector<Values>{{}, {"a=1; b=2"}, {"own=1"}}));
}

}  // namespace
}  // namespace loadlab
