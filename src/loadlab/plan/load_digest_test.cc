#include "loadlab/plan/load_digest.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

std::string digest(const std::string& yaml, const Overrides& overrides = {}) {
  const auto plan = load_plan_text(yaml, "p.yaml", overrides);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? load_digest(plan->tests.at(0)) : "";
}

constexpr const char* kPlan =
    "target: http://a\nusers: 2\nduration: 10s\nvariables: {who: acme}\n"
    "steps: [{request: POST /orders, json: {customer: $(who)}, headers: {Accept: text/html}, think: 1s}]\n";

std::string with(const std::string& old_text, const std::string& new_text) {
  std::string yaml = kPlan;
  const auto at = yaml.find(old_text);
  EXPECT_NE(at, std::string::npos) << old_text;
  return yaml.replace(at, old_text.size(), new_text);
}

TEST(LoadDigest, the_same_load_has_the_same_digest_whatever_is_judged_of_it) {
  EXPECT_EQ(digest(kPlan), digest(kPlan));
  EXPECT_EQ(digest(kPlan), digest(kPlan + std::string("thresholds: [error_rate < 1%]\n")));
  EXPECT_EQ(digest(kPlan), digest(with("http://a", "http://b:8080")));
  EXPECT_EQ(digest(kPlan).substr(0, 2), "1:");
}

TEST(LoadDigest, another_load_has_another) {
  for (const auto& [old_text, new_text] :
       {std::pair("users: 2", "users: 3"), std::pair("10s", "11s"), std::pair("acme", "shop"),
        std::pair("POST /orders", "POST /order"), std::pair("text/html", "text/plain"), std::pair("1s}", "2s}")})
    EXPECT_NE(digest(kPlan), digest(with(old_text, new_text))) << new_text;
  Overrides overrides;
  overrides.variables = {{"who", "shop"}};
  EXPECT_NE(digest(kPlan), digest(kPlan, overrides));
  const std::string stages = "target: http://a\nsteps: [GET /]\nstages: [";
  std::string many = stages;
  std::string other = stages;
  for (int i = 1; i < 9; ++i) {
    many += "{users: " + std::to_string(i) + ", duration: 1s},";
    other += "{users: " + std::to_string(i == 4 ? 1 : i) + ", duration: 1s},";
  }
  EXPECT_NE(digest(many + "]\n"), digest(other + "]\n")) << "which the load in words doesn't tell";
}

TEST(LoadDigest, what_is_new_in_every_run_of_one_load_is_no_part_of_it) {
  const auto secret = [](const std::string& value) {
    return digest("target: http://a\nusers: 1\nvariables: {t: {value: " + value +
                  ", secret: true}}\nsteps: [GET /$(t)]\n");
  };
  EXPECT_EQ(secret("one"), secret("two"));
  const auto header = [](const std::string& value) {
    return digest("target: http://a\nusers: 1\nsteps: [{request: GET /, headers: {Authorization: " + value + "}}]\n");
  };
  EXPECT_EQ(header("one"), header("two"));
  const auto port = [](std::uint16_t free) {
    Overrides overrides;
    overrides.free_port = [=] { return std::optional(free); };
    return digest(
        "target: http://127.0.0.1:$(port)\nports: [port]\nusers: 1\n"
        "steps: [{request: POST /, body: 'http://127.0.0.1:$(port)/hook'}]\n",
        overrides);
  };
  EXPECT_EQ(port(40'001), port(50'002));
}

TEST(LoadDigest, a_sweep_is_all_of_its_points_and_a_benchmark_is_no_load) {
  const auto sweep = [](const std::string& values) {
    return digest("target: http://a\nusers: 2\nsteps: [GET /$(n)]\nsweep: {n: [" + values + "]}\n");
  };
  EXPECT_EQ(sweep("1, 2"), sweep("1, 2"));
  EXPECT_NE(sweep("1, 2"), sweep("1, 3"));
  EXPECT_EQ(digest("suite: parts\ntests: [{name: b, benchmark: {run: ./bench}}]\n"), "");
}

}  // namespace
}  // namespace loadlab
