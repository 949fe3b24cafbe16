#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

UrlLoad of(std::string url) {
  UrlLoad load;
  load.url = std::move(url);
  return load;
}

std::string complaint(const UrlLoad& load, const Overrides& overrides = {}) {
  const auto plan = plan_for_url(load, overrides);
  return plan ? "accepted" : plan.error().message;
}

TEST(UrlPlan, a_bare_url_is_one_step_for_ten_users) {
  const Plan plan = plan_for_url(of("http://127.0.0.1:8080/costs?days=30"), {}).value();
  ASSERT_EQ(plan.tests.size(), 1u);
  const loadlab::Test& test = plan.tests[0];
  EXPECT_EQ(test.name, "http://127.0.0.1:8080/costs?days=30");
  EXPECT_EQ(test.loads[0].profile().highest(), 10);
  EXPECT_EQ(test.duration(), 10s);
  EXPECT_EQ(test.target.base_path, "") << "the path is the step's";
  const Step& step = test.loads[0].journeys.at(0).steps.at(0);
  EXPECT_EQ(step.name, "GET /costs?days=30");
  EXPECT_EQ(step.path.constant(), "/costs?days=30");
  EXPECT_FALSE(step.has_body);
  EXPECT_EQ(plan_for_url(of("http://a"), {})->tests[0].loads[0].journeys[0].steps[0].path.constant(), "/");
  EXPECT_EQ(plan_for_url(of("http://a?b=1"), {})->tests[0].loads[0].journeys[0].steps[0].path.constant(), "/?b=1");
}

TEST(UrlPlan, every_option_reaches_the_plan) {
  UrlLoad load = of("http://a/$(x)");
  load.rate = 250;
  load.arrivals = Arrivals::uniform;
  load.ramp_up = 1s;
  load.duration = 5s;
  load.method = "POST";
  load.body = "a=1";
  load.headers = {"Accept: text/html", "X-Empty:"};
  load.thresholds = {"p95(response_time) < 20ms"};
  Overrides overrides;
  overrides.threads = 2;
  const Plan plan = plan_for_url(load, overrides).value();
  const loadlab::Test& test = plan.tests[0];
  const auto& open = std::get<OpenLoad>(test.loads[0].model);
  EXPECT_EQ(open.rate.highest(), 250);
  EXPECT_EQ(open.arrivals, Arrivals::uniform);
  EXPECT_EQ(open.rate.stages()[0].ramp, 1s);
  EXPECT_EQ(test.duration(), 5s);
  EXPECT_EQ(test.threads, 2);
  EXPECT_EQ(test.thresholds.size(), 2u) << "errors are bounded beside it";
  const Step& step = test.loads[0].journeys[0].steps[0];
  EXPECT_EQ(step.path.constant(), "/$(x)") << "a URL has no variables";
  EXPECT_EQ(step.body.constant(), "a=1");
  EXPECT_EQ(step.headers[0].second.constant(), "text/html");
  EXPECT_EQ(step.headers[1].second.constant(), "");
}

std::vector<std::string> thresholds_with(std::vector<std::string> own) {
  UrlLoad load = of("http://a/b");
  load.thresholds = std::move(own);
  std::vector<std::string> expressions;
  const Plan plan = plan_for_url(load, {}).value();
  for (const Threshold& threshold : plan.tests[0].thresholds) expressions.push_back(threshold.expression);
  return expressions;
}

TEST(UrlPlan, only_a_threshold_about_errors_replaces_the_one_that_is_always_there) {
  using ::testing::ElementsAre;
  EXPECT_THAT(thresholds_with({}), ElementsAre("error_rate < 1%"));
  EXPECT_THAT(thresholds_with({"p95(response_time) < 1s"}), ElementsAre("p95(response_time) < 1s", "error_rate < 1%"));
  EXPECT_THAT(thresholds_with({"error_rate < 5%"}), ElementsAre("error_rate < 5%"));
  EXPECT_THAT(thresholds_with({"error_rate of GET /b < 5%"}), ElementsAre("error_rate of GET /b < 5%"));
}

TEST(UrlPlan, what_makes_no_sense_is_refused_by_its_option) {
  UrlLoad both = of("http://a");
  both.users = 1;
  both.rate = 1;
  EXPECT_EQ(complaint(both), "--users (a closed model) and --rate (an open one) exclude each other; give one");
  UrlLoad header = of("http://a");
  header.headers = {"Accept"};
  EXPECT_EQ(complaint(header), "-H: 'Accept' is not a header; write it as in 'Accept: text/html'");
  header.headers = {"A: b\r\nC: d"};
  EXPECT_EQ(complaint(header), "-H: A: 'b \\nC: d' has a line break or a control character, which no header may hold");
  header.headers = {"Content-Length: 3"};
  EXPECT_EQ(complaint(header), "-H: 'Content-Length' is set by loadlab itself; take it away");
  UrlLoad users = of("http://a");
  users.users = 0;
  EXPECT_THAT(complaint(users), ::testing::StartsWith("--users: 0 is not between 1 and 100000"));
  UrlLoad rate = of("http://a");
  rate.rate = 2e6;
  EXPECT_EQ(complaint(rate), "--rate: 2000000/s is not above 0 and up to 1000000/s");
  UrlLoad ramp = of("http://a");
  ramp.ramp_up = 11s;
  EXPECT_EQ(complaint(ramp), "--ramp-up: 11s is longer than the duration of 10s");
  UrlLoad method = of("http://a");
  method.method = "get";
  EXPECT_EQ(complaint(method), "-X: 'get' has small letters, which make it another method; write GET");
  EXPECT_EQ(complaint(of("http://a/b#c")),
            "'/b#c' has a '#'; what follows it is never sent to a server: take it away, or write %23");
  EXPECT_EQ(complaint(of("plan.yml")), "'plan.yml' is not a URL; write it as in http://127.0.0.1:8080");
  UrlLoad threshold = of("http://a/b");
  threshold.thresholds = {"p95(response_time of GET /c) < 1s"};
  EXPECT_EQ(complaint(threshold),
            "threshold 'p95(response_time of GET /c) < 1s': no step is named 'GET /c'; the only step is 'GET /b'");
}

TEST(UrlPlan, what_stands_behind_a_unix_socket_is_the_path) {
  UrlLoad load;
  load.url = "unix:/run/app.sock:/health?full=1";
  const auto plan = plan_for_url(load, {});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tests.front().target.socket, "/run/app.sock");
  EXPECT_EQ(plan->tests.front().loads.front().journeys.front().steps.front().name, "GET /health?full=1");
}

}  // namespace
}  // namespace loadlab
