#include "loadlab/cli/page_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <future>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// What never comes fails a test by this.
constexpr timeval kPatience{20, 0};

// Somebody who writes and reads bytes.
class Visitor {
 public:
  explicit Visitor(unsigned short port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    EXPECT_EQ(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience), 0);
  }

  void say(const std::string& text) {
    EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  void ask(const std::string& target, const std::string& host = "127.0.0.1") {
    say("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  }
  // All that came until then.
  std::string hear_until(const std::string& end) {
    while (heard_.find(end) == std::string::npos && hear_more()) continue;
    return heard_;
  }
  // All that comes until the other side closes; fails where it doesn't.
  std::string hear_all() {
    while (hear_more()) continue;
    EXPECT_TRUE(closed_) << "it still waits";
    return heard_;
  }

 private:
  bool hear_more() {
    char part[4096];
    const ssize_t size = ::recv(socket_.get(), part, sizeof part, 0);
    if (size > 0) heard_.append(part, static_cast<std::size_t>(size));
    closed_ = size == 0;
    return size > 0;
  }

  base::UniqueFd socket_;
  std::string heard_;
  bool closed_ = false;
};

class PageServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/page_server_XXXXXX";
    folder_ = ::mkdtemp(folder);
    writer_.emplace(open());
    ASSERT_TRUE(writer_->begin_run({}));
  }
  void TearDown() override {
    stop_ = true;
    if (server_.joinable()) server_.join();
    std::filesystem::remove_all(folder_);
  }
  History open() { return History::open(folder_ + "/runs.db", clock_).value(); }

  // Gives the port.
  unsigned short serve(const PageTimes& times = {}, const PageAnswers::Answer& late = {}) {
    std::promise<std::string> url;
    auto listening = url.get_future();
    server_ = std::thread([this, times, late, &url] {
      Pages pages(open());
      History live = open();
      const auto soon = [&](const std::string& target) { return pages.answer(target); };
      const auto served = serve_pages(
          {soon, late}, live, "127.0.0.1", 0, stop_, [&](const std::string& at) { url.set_value(at); }, times);
      EXPECT_TRUE(served) << served.error().message;
    });
    const std::string at = listening.get();
    unsigned short port = 0;
    std::from_chars(at.data() + at.rfind(':') + 1, at.data() + at.size(), port);
    return port;
  }

  std::string folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(490'000))};
  std::optional<History> writer_;
  std::atomic<bool> stop_ = false;
  std::thread server_;
};

TEST_F(PageServerTest, answers_one_question_after_the_other_on_a_connection) {
  Visitor visitor(serve());
  visitor.ask("/api/runs");
  EXPECT_THAT(visitor.hear_until("]}\n"), StartsWith("HTTP/1.1 200"));
  visitor.say(
      "HEAD / HTTP/1.1\r\nHost: localhost:1\r\n\r\nGET /nothing HTTP/1.1\r\nConnection: close\r\nHost: "
      "[::1]:1\r\n\r\n");
  EXPECT_THAT(visitor.hear_all(), HasSubstr("HTTP/1.1 404")) << "both were asked at once";
}

TEST_F(PageServerTest, an_answer_that_takes_long_holds_up_no_other) {
  std::promise<void> done;
  const auto port = serve({}, [wait = done.get_future().share()](const std::string& target) {
    wait.wait();
    return PageAnswer{200, "text/plain", "at last: " + target};
  });
  Visitor patient(port);
  patient.ask("/api/runs/1/comparison");
  Visitor trends(port);
  trends.ask("/api/trends?suite=a");
  for (const char* target : {"/", "/api/runs", "/api/runs/1"}) {
    Visitor quick(port);
    quick.ask(target);
    EXPECT_THAT(quick.hear_until("\r\n"), StartsWith("HTTP/1.1 200")) << target;
  }
  done.set_value();
  EXPECT_THAT(patient.hear_until("comparison"), HasSubstr("at last: /api/runs/1/comparison"));
  EXPECT_THAT(trends.hear_until("suite=a"), HasSubstr("at last: /api/trends?suite=a"));
}

TEST_F(PageServerTest, no_site_of_a_name_is_told_anything) {
  const auto port = serve();
  for (const char* target : {"/", "/api/runs/1", "/api/runs/1/live"}) {
    Visitor visitor(port);
    visitor.ask(target, "evil.example");
    EXPECT_THAT(visitor.hear_until("\r\n"), StartsWith("HTTP/1.1 421")) << target;
  }
}

TEST_F(PageServerTest, what_is_no_question_is_told_so) {
  const auto port = serve();
  const std::string host = "Host: 127.0.0.1\r\n";
  const std::string large(100'000, 'x');
  const std::pair<std::string, std::string> said[] = {
      {"POST /api/runs HTTP/1.1\r\n" + host + "Content-Length: 100000\r\n\r\n" + large, "HTTP/1.1 405"},
      {"DELETE /api/runs/1 HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 405"},
      {"POST /api/runs/1/live HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
       "HTTP/1.1 405"},
      {"GET /api/runs HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc", "HTTP/1.1 400"},
      {"GET /" + large + " HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 431"},
      {"GET / HTTP/1.1\r\n" + host + "X: " + large + "\r\n\r\n", "HTTP/1.1 431"},
      {"what is there?\r\n\r\n", "HTTP/1.1 400"},
  };
  for (const auto& [text, answer] : said) {
    Visitor visitor(port);
    visitor.say(text);
    EXPECT_THAT(visitor.hear_all(), StartsWith(answer)) << text.substr(0, 60);
  }
}

TEST_F(PageServerTest, who_begins_a_question_has_to_end_it_soon) {
  const auto port = serve({1s, 1h});
  Visitor fresh(port);
  Visitor slow(port);
  slow.say("GET / HT");
  Visitor again(port);
  again.ask("/api/runs");
  again.hear_until("]}\n");
  again.say("G");
  EXPECT_EQ(fresh.hear_all(), "") << "nor may a connection be held without one";
  EXPECT_EQ(slow.hear_all(), "");
  EXPECT_THAT(again.hear_all(), ::testing::EndsWith("]}\n")) << "as soon as it has begun, whatever idle time is left";
}

TEST_F(PageServerTest, a_run_is_followed_and_one_that_is_not_there_is_not_found) {
  const auto port = serve();
  Visitor visitor(port);
  visitor.ask("/api/runs/1/live");
  EXPECT_THAT(visitor.hear_until("event: run\n"), HasSubstr("Content-Type: text/event-stream"));
  ASSERT_TRUE(writer_->end_run(1, RunResult{}, "{}"));
  EXPECT_THAT(visitor.hear_all(), HasSubstr("\"state\":\"pass\""));
  Visitor none(port);
  none.ask("/api/runs/7/live");
  EXPECT_THAT(none.hear_all(), StartsWith("HTTP/1.1 404"));
}

TEST_F(PageServerTest, streams_leave_room_for_questions) {
  const auto port = serve();
  std::vector<Visitor> followers;
  constexpr int kMostStreams = 32;
  for (int i = 0; i < kMostStreams; ++i) {
    followers.emplace_back(port).ask("/api/runs/1/live");
    EXPECT_THAT(followers.back().hear_until("event: run\n"), StartsWith("HTTP/1.1 200")) << i;
  }
  Visitor late(port);
  late.ask("/api/runs/1/live");
  EXPECT_THAT(late.hear_until("\r\n"), StartsWith("HTTP/1.1 503"));
  Visitor other(port);
  other.ask("/api/runs");
  EXPECT_THAT(other.hear_until("]}\n"), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace loadlab
