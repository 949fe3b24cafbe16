#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using ::testing::HasSubstr;

std::string plan_with(std::string_view step, std::string_view of_test = "{}") {
  return fmt::format("target: http://a\ndefaults: {}\ntests:\n- name: a\n  users: 1\n  steps: [{}]\n", of_test, step);
}

Step step_of(std::string_view step, std::string_view of_test = "{}", const std::string& file = "p") {
  const auto plan = load_plan_text(plan_with(step, of_test), file, {});
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  return plan ? plan->tests[0].loads[0].journeys[0].steps[0] : Step();
}

std::string complaint(std::string_view step, std::string_view of_test = "{}") {
  const auto plan = load_plan_text(plan_with(step, of_test), "p", {});
  return plan ? "accepted" : plan.error().message;
}

std::string header(const Step& step, std::string_view name) {
  for (const auto& [known, value] : step.headers) {
    if (known == name) return value.constant();
  }
  return "none";
}

TEST(TransferReader, a_step_of_itself_asks_for_nothing_special) {
  const Step step = step_of("GET /");
  EXPECT_EQ(step.redirects, 0);
  EXPECT_EQ(step.max_body, kMaxBody);
  EXPECT_EQ(step.chunk_size, 0u);
  EXPECT_FALSE(step.expect_continue);
  EXPECT_EQ(header(step, "Accept-Encoding"), "none");
}

TEST(TransferReader, what_the_test_says_holds_for_its_steps_and_the_step_wins) {
  const std::string_view of_test = "{redirects: 5, compression: true, max_body: 4GB}";
  EXPECT_EQ(step_of("GET /", of_test).redirects, 5);
  EXPECT_EQ(step_of("GET /", of_test).max_body, 4'000'000'000u);
  EXPECT_EQ(header(step_of("GET /", of_test), "Accept-Encoding"), "gzip, br");
  const Step own = step_of("{request: GET /, redirects: 0, compression: false, max_body: 10KB}", of_test);
  EXPECT_EQ(own.max_body, 10'000u);
  EXPECT_EQ(own.redirects, 0);
  EXPECT_EQ(header(own, "Accept-Encoding"), "none");
  EXPECT_EQ(header(step_of("{request: GET /, headers: {Accept-Encoding: br}}", of_test), "Accept-Encoding"), "br");
}

TEST(TransferReader, a_body_travels_as_the_step_says) {
  EXPECT_EQ(step_of("{request: POST /, body: abc, chunked: true}").chunk_size, 16u * 1024);
  const Step step = step_of("{request: POST /, body: abc, chunk_size: 64KB, expect_continue: true}");
  EXPECT_EQ(step.chunk_size, 64'000u);
  EXPECT_TRUE(step.expect_continue);
}

TEST(TransferReader, a_body_has_some_bytes_and_not_more_than_there_are) {
  for (const std::string text : {"0B", "1001GB", "1TB", "-1KB", "many", "12"}) {
    EXPECT_THAT(complaint("{request: GET /, max_body: " + text + "}"),
                HasSubstr("max_body: expected a size from 1B to 1000GB, as in 4GB, not '" + text + "'"));
  }
}

TEST(TransferReader, a_body_may_lie_in_a_file_beside_the_plan) {
  const std::string folder = ::testing::TempDir();
  std::ofstream(folder + "order.bin", std::ios::binary) << "one\n$(two)";
  const Step step = step_of("{request: POST /, body_file: order.bin}", "{}", folder + "plan.yaml");
  EXPECT_TRUE(step.has_body);
  EXPECT_EQ(step.body.constant(), "one\n$(two)") << "as it is, whatever it holds";
  EXPECT_THAT(complaint("{request: POST /, body_file: none.bin}"), HasSubstr("body_file: none.bin: No such file"));
  EXPECT_THAT(complaint("{request: POST /, body_file: /tmp}"), HasSubstr("/tmp: is not a file of at most 32 MB"));
  EXPECT_THAT(complaint("{request: POST /, body: a, body_file: b}"), HasSubstr("leave one and take the others away"));
}

TEST(TransferReader, what_makes_no_sense_is_told) {
  EXPECT_THAT(complaint("{request: GET /, redirects: 51}"), HasSubstr("redirects: 51 is not between 0 and 50"));
  EXPECT_THAT(complaint("{request: POST /, body: a, chunk_size: 64}"),
              HasSubstr("chunk_size: expected a size from 1B to 32MB, as in 64KB, not '64'"));
  EXPECT_THAT(complaint("{request: POST /, chunked: true}"), HasSubstr("there is no body to be cut into chunks"));
  EXPECT_THAT(complaint("{request: POST /, expect_continue: true}"), HasSubstr("there is no body that could wait"));
  for (const char* key : {"chunked: true", "chunk_size: 1KB", "expect_continue: true"}) {
    EXPECT_THAT(complaint(fmt::format("{{request: POST /, body: a, {}}}", key), "{http: 2}"),
                HasSubstr("belongs to HTTP/1.1, and this test speaks HTTP/2"));
  }
  EXPECT_THAT(complaint("{request: POST /, body: a, expect_continue: true}", "{http: {pipeline: 2}}"),
              HasSubstr("would hold up its whole pipeline"));
}

}  // namespace
}  // namespace loadlab
