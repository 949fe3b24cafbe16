#include "loadlab/cli/run_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace loadlab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RunHeadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/run_head_XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  RunHead head(const std::string& yaml, std::vector<std::string> variables = {}) {
    RunOptions options;
    options.what = folder_ + "/plan.yaml";
    options.variables = std::move(variables);
    std::ofstream(options.what) << yaml;
    const auto plan = plan_of(options);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? head_of(options, *plan, clock_) : RunHead();
  }

  std::string folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(490'000))};
};

constexpr const char* kPlan =
    "target: http://127.0.0.1:1\nusers: 2\n"
    "variables: {token: {value: TOPSECRET123, secret: true}, who: acme}\n"
    "watch: ['postgresql://me:hunter2@127.0.0.1/shop']\n"
    "steps: [{request: GET /$(who), headers: {Authorization: Bearer $(token)}}]\n";

TEST_F(RunHeadTest, a_plan_is_kept_without_its_secrets) {
  const RunHead kept = head(kPlan);
  EXPECT_THAT(kept.plan, Not(HasSubstr("TOPSECRET")));
  EXPECT_THAT(kept.plan, Not(HasSubstr("hunter2")));
  EXPECT_THAT(kept.plan, HasSubstr("token: {value: …, secret: true}, who: acme"));
  EXPECT_THAT(kept.plan, HasSubstr("postgresql://me@127.0.0.1/shop"));
  EXPECT_EQ(kept.variables, "");
}

TEST_F(RunHeadTest, what_was_given_for_variables_is_kept_by_name_without_secrets) {
  const RunHead kept = head(kPlan, {"who=bank", "token=OTHERSECRET", "who=shop"});
  EXPECT_EQ(kept.variables, "who=shop") << "a secret may be another each time";
  EXPECT_THAT(kept.plan, Not(HasSubstr("TOPSECRET"))) << "it stands in the file all the same";
}

TEST_F(RunHeadTest, a_default_that_stands_in_for_the_environment_is_a_secret_too) {
  const RunHead kept = head(
      "target: http://127.0.0.1:1\nusers: 2\nvariables: {t: {env: NO_SUCH_TOKEN, default: fallback9}}\n"
      "steps: [GET /$(t)]\n");
  EXPECT_THAT(kept.plan, Not(HasSubstr("fallback9")));
}

TEST_F(RunHeadTest, a_secret_that_is_written_in_another_form_leaves_no_text) {
  const RunHead kept = head(
      "target: http://127.0.0.1:1\nusers: 2\nvariables: {t: {value: \"TOP\\x53ECRET\", secret: true}}\n"
      "steps: [GET /$(t)]\n");
  EXPECT_THAT(kept.plan, HasSubstr("not kept"));
  EXPECT_THAT(kept.plan, Not(HasSubstr("ECRET")));
}

TEST_F(RunHeadTest, a_secret_within_another_hides_nothing_of_it) {
  EXPECT_EQ(without_secrets("a: abc\nb: abcdef\n", {{"a", "abc"}, {"b", "abcdef"}}), "a: …\nb: …\n");
}

TEST_F(RunHeadTest, a_url_is_kept_without_what_it_is_opened_with) {
  RunOptions options;
  options.what = "http://127.0.0.1:1/items?api_key=TOPSECRET123";
  const auto plan = plan_of(options).value();
  const RunHead kept = head_of(options, plan, clock_);
  EXPECT_THAT(kept.plan, HasSubstr("http://127.0.0.1:1/items?api_key=…"));
  EXPECT_THAT(kept.suite, Not(HasSubstr("TOPSECRET")));
  EXPECT_THAT(plan.tests.at(0).name, Not(HasSubstr("TOPSECRET")));
  EXPECT_THAT(plan.tests.at(0).loads.at(0).journeys.at(0).steps.at(0).name, Not(HasSubstr("TOPSECRET")));
}

}  // namespace
}  // namespace loadlab
