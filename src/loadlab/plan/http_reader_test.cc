#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

std::string plan_with(std::string_view http) {
  return fmt::format("target: http://a\nusers: 1\nhttp: {}\nsteps: [GET /]\n", http);
}

Http http_of(std::string_view http) {
  const auto plan = load_plan_text(plan_with(http), "p", {});
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  return plan ? plan->tests[0].http : Http();
}

std::string complaint(std::string_view http) {
  const auto plan = load_plan_text(plan_with(http), "p", {});
  return plan ? "accepted" : plan.error().message;
}

TEST(HttpReader, a_version_stands_alone_or_with_its_streams) {
  EXPECT_EQ(http_of("1.1").version, HttpVersion::http1);
  EXPECT_EQ(http_of("2").version, HttpVersion::http2);
  const Http http = http_of("{version: 2, streams: 10}");
  EXPECT_EQ(http.version, HttpVersion::http2);
  EXPECT_EQ(http.streams, 10);
}

TEST(HttpReader, connections_are_kept_unless_the_plan_says_otherwise) {
  EXPECT_FALSE(http_of("1.1").per_request);
  EXPECT_FALSE(http_of("{connection: keep_alive}").per_request);
  EXPECT_TRUE(http_of("{connection: per_request}").per_request);
  EXPECT_EQ(http_of("1.1").pipeline, 1);
  EXPECT_EQ(http_of("{version: 1.1, pipeline: 8}").pipeline, 8);
}

TEST(HttpReader, what_it_cannot_be_is_told) {
  EXPECT_EQ(complaint("3"), "p:3:7: http: expected 1.1 or 2, not '3'");
  EXPECT_EQ(complaint("{version: 2.0}"), "p:3:17: version: expected 1.1 or 2, not '2.0'");
  EXPECT_EQ(complaint("{version: 2, streams: 0}"),
            "p:3:29: streams: 0 is not between 1 and 10000 (no server allows as many)");
  EXPECT_EQ(complaint("{streams: 3}"),
            "p:3:8: 'streams' belongs to HTTP/2; write version: 2 beside it, or take it away");
  EXPECT_EQ(complaint("{version: 2, pipeline: 3}"),
            "p:3:20: 'pipeline' belongs to HTTP/1.1; write version: 1.1 beside it, or take it away");
  EXPECT_EQ(complaint("{connection: close}"), "p:3:20: connection: expected keep_alive or per_request, not 'close'");
  EXPECT_EQ(complaint("{connection: per_request, pipeline: 2}"),
            "p:3:33: 'pipeline' shares a connection, and connection: per_request shares none; take one away");
  EXPECT_EQ(complaint("{pipeline: 1001}"),
            "p:3:18: pipeline: 1001 is not between 1 and 1000 (no server reads as far ahead)");
  EXPECT_EQ(complaint("{stream: 3}"), "p:3:8: unknown key 'stream'; did you mean 'streams'?");
}

}  // namespace
}  // namespace loadlab
