// Bodies that go elsewhere than into memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "costagent/api/http_server.h"
#include "costagent/api/raw_client.h"

namespace costagent {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMost = 1'000'000;

// What has come of all bodies, and how it came.
struct Taken {
  std::mutex mutex;
  std::string bytes;
  std::size_t longest_part = 0;
  int begun = 0;
  int dropped = 0;
};

class Body final : public Incoming {
 public:
  explicit Body(Taken& taken) : taken_(taken) {
    const std::lock_guard lock(taken_.mutex);
    ++taken_.begun;
  }
  ~Body() override {
    const std::lock_guard lock(taken_.mutex);
    if (!finished_) ++taken_.dropped;
  }
  base::Result<> write(std::string_view part) override {
    const std::lock_guard lock(taken_.mutex);
    if (part.find("full disk") != std::string_view::npos)
      return base::fail(base::ErrorKind::unavailable, "there is no room");
    taken_.bytes += part;
    taken_.longest_part = std::max(taken_.longest_part, part.size());
    return {};
  }
  std::size_t finish() {
    finished_ = true;
    const std::lock_guard lock(taken_.mutex);
    return taken_.bytes.size();
  }

 private:
  Taken& taken_;
  bool finished_ = false;
};

class UploadTest : public testing::Test {
 protected:
  UploadTest() {
    const auto handle = [](const Request& request) -> base::Result<Response> {
      Response response;
      response.body = request.incoming == nullptr
                          ? "in memory: " + std::string(request.body)
                          : fmt::format("{} bytes", static_cast<Body*>(request.incoming)->finish());
      return response;
    };
    const auto intake = [this](const Request& request) -> base::Result<std::unique_ptr<Incoming>> {
      if (request.query == "wrong") return base::fail_field("query", "it is wrong");
      if (request.content_type != "text/csv") return std::unique_ptr<Incoming>();
      declared_ = request.content_length;
      return std::unique_ptr<Incoming>(std::make_unique<Body>(taken_));
    };
    router_.add(Method::post, "/bills", handle, Turn::queued, intake);
    options_.max_body = 100;
    options_.max_upload = kMost;
    options_.max_uploads = 1;
    metrics_.emplace(router_.patterns());
    server_ = HttpServer::start(options_, router_, *metrics_, clock_).value();
  }

  static std::string head(const std::string& framing, const std::string& target = "/bills") {
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\n" + framing + "\r\n\r\n";
  }
  static std::string length(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes); }
  int dropped() {
    const std::lock_guard lock(taken_.mutex);
    return taken_.dropped;
  }
  int begun() {
    const std::lock_guard lock(taken_.mutex);
    return taken_.begun;
  }

  base::SystemClock clock_;
  Taken taken_;
  std::optional<std::uint64_t> declared_;
  ServerOptions options_;
  Router router_;
  std::optional<Metrics> metrics_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(UploadTest, a_long_body_comes_whole_in_parts_of_bounded_size_and_the_connection_goes_on) {
  RawClient client(server_->port());
  std::string sent;
  for (int i = 0; sent.size() < kMost; ++i) sent += std::to_string(i) + ",";
  sent.resize(kMost);
  client.send(head(length(sent.size())));
  client.send(sent);
  EXPECT_EQ(client.read().body, "1000000 bytes");
  EXPECT_EQ(taken_.bytes, sent);
  EXPECT_EQ(declared_, kMost);
  EXPECT_LE(taken_.longest_part, std::size_t{64} * 1024);
  EXPECT_EQ(taken_.dropped, 0);
  EXPECT_EQ(client.post("/bills", "x").body, "in memory: x") << "what is no upload isn't taken for one";
}

TEST_F(UploadTest, a_body_in_chunks_comes_whole) {
  RawClient client(server_->port());
  client.send(head("Transfer-Encoding: chunked"));
  client.send("5\r\nhello\r\n");
  client.send("6\r\n world\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().body, "11 bytes");
  EXPECT_EQ(taken_.bytes, "hello world");
  EXPECT_EQ(declared_, std::nullopt);
}

TEST_F(UploadTest, what_is_too_long_is_refused_and_dropped) {
  RawClient said(server_->port());
  said.send(head(length(kMost + 1)));
  const auto refused = said.read();
  EXPECT_EQ(refused.status, 413);
  EXPECT_THAT(refused.body, HasSubstr("1000000 bytes"));
  RawClient unsaid(server_->port());
  unsaid.send(head("Transfer-Encoding: chunked"));
  const std::string chunk = "186a0\r\n" + std::string(100'000, 'x') + "\r\n";
  for (int i = 0; i < 11; ++i) unsaid.send(chunk);
  EXPECT_EQ(unsaid.read().status, 413);
  RawClient in_memory(server_->port());
  EXPECT_EQ(in_memory.post("/bills", std::string(101, 'x')).status, 413) << "the bound of other bodies stays";
  server_.reset();
  EXPECT_EQ(dropped(), begun());
}

TEST_F(UploadTest, what_is_wrong_is_told_before_the_body_is_asked_for) {
  RawClient client(server_->port());
  client.send(head(length(1000) + "\r\nExpect: 100-continue", "/bills?wrong"));
  EXPECT_EQ(client.read().status, 422);
  EXPECT_EQ(begun(), 0);
  RawClient good(server_->port());
  good.send(head(length(3) + "\r\nExpect: 100-continue"));
  EXPECT_EQ(good.read().status, 100);
  good.send("abc");
  EXPECT_EQ(good.read().body, "3 bytes");
}

TEST_F(UploadTest, what_can_not_be_kept_is_told_and_ends_the_connection) {
  RawClient client(server_->port());
  client.send(head(length(1000)) + "full disk" + std::string(991, ' '));
  const auto refused = client.read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("there is no room"));
  EXPECT_TRUE(client.ended());
}

TEST_F(UploadTest, a_client_that_vanishes_leaves_nothing_and_its_place_to_the_next) {
  RawClient client(server_->port());
  client.send(head(length(1000)) + "abc");
  while (begun() == 0) std::this_thread::yield();
  RawClient other(server_->port());
  other.send(head(length(3)) + "abc");
  const auto refused = other.read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_FALSE(refused.header("Retry-After").empty());
  client.vanish();
  while (dropped() < 2) std::this_thread::yield();
  RawClient next(server_->port());
  next.send(head(length(3)) + "abc");
  EXPECT_EQ(next.read().status, 200);
}

}  // namespace
}  // namespace costagent
