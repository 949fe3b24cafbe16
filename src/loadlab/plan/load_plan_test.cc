#include "loadlab/plan/load_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kExample = R"(suite: cost agent, quick form
target: http://127.0.0.1:8080
defaults: {think: 0.2s..1s}
tests:
  - name: normal load
    users: 50
    ramp_up: 5s
    duration: 30s
    journeys:
      - name: analyst
        weight: 3
        steps:
          - GET /health
          - name: recommend
            request: POST /recommendations
            json: {customer_id: acme}
            capture: {id: /recommendations/0/recommendation_id}      # JSON pointer
          - name: one recommendation
            request: GET /recommendations/$(id)
            check: {status: 200}
    thresholds:
      - avg(response_time) < 2s
      - p95(response_time of recommend) < 3s
      - {expect: error_rate < 1%, abort: true}
      - {expect: p99(response_time) < 20ms, severity: warn}
)";

Plan loaded(std::string_view yaml, const Overrides& overrides = {}) {
  auto plan = load_plan_text(yaml, "plan.yaml", overrides);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  if (!plan) return Plan{"", {Test{}}};
  return std::move(*plan);
}

// The message without the name of the file.
std::string complaint(std::string_view yaml, const Overrides& overrides = {}) {
  const auto plan = load_plan_text(yaml, "p", overrides);
  return plan ? "accepted" : plan.error().message;
}

// A plan of one test with these lines put before a simple step.
std::string with(std::string_view lines) {
  return fmt::format("target: http://a\nusers: 1\n{}\nsteps: [GET /]\n", lines);
}

// A piece of a template as text: variables as <slot>.
std::string text_of(const Template& from) {
  std::string text;
  for (const auto& piece : from.pieces) {
    const auto* literal = std::get_if<std::string>(&piece);
    text += literal ? *literal : fmt::format("<{}>", std::get<Template::Variable>(piece).slot);
  }
  return text;
}

std::string json_of(std::string_view value) {
  const Plan plan =
      loaded(fmt::format("target: http://a\nusers: 1\nvariables: {{who: \"a\\\"b\"}}\n"
                         "steps: [{{request: POST /, json: {}}}]",
                         value));
  return plan.tests[0].loads[0].journeys.empty() ? "" : text_of(plan.tests[0].loads[0].journeys[0].steps[0].body);
}

TEST(LoadPlan, the_example_of_the_design_is_read_as_it_says) {
  const Plan plan = loaded(kExample);
  EXPECT_EQ(plan.suite, "cost agent, quick form");
  ASSERT_EQ(plan.tests.size(), 1u);
  const loadlab::Test& test = plan.tests[0];
  EXPECT_EQ(test.name, "normal load");
  EXPECT_EQ(test.target.port, 8080);
  EXPECT_EQ(test.loads[0].profile().highest(), 50);
  EXPECT_EQ(test.loads[0].profile().stages()[0].ramp, 5s);
  EXPECT_EQ(test.duration(), 30s);
  ASSERT_EQ(test.loads[0].journeys.size(), 1u);
  const Journey& journey = test.loads[0].journeys[0];
  EXPECT_EQ(journey.name, "analyst");
  EXPECT_EQ(journey.weight, 3);
  EXPECT_THAT(journey.variables, ElementsAre("id"));
  ASSERT_EQ(journey.steps.size(), 3u);
  EXPECT_EQ(journey.steps[0].name, "GET /health");
  EXPECT_EQ(journey.steps[0].think.low, 200ms);
  EXPECT_EQ(journey.steps[0].think.high, 1s);
  EXPECT_EQ(journey.steps[1].body.constant(), R"({"customer_id":"acme"})");
  EXPECT_EQ(journey.steps[1].headers[0].first, "Content-Type");
  EXPECT_EQ(journey.steps[1].captures[0].at, "/recommendations/0/recommendation_id");
  EXPECT_EQ(text_of(journey.steps[2].path), "/recommendations/<0>");
  EXPECT_TRUE(journey.steps[2].check.accepts(200));
  EXPECT_FALSE(journey.steps[2].check.accepts(201));
  ASSERT_EQ(test.thresholds.size(), 4u);
  EXPECT_EQ(test.thresholds[1].step, "recommend");
  EXPECT_TRUE(test.thresholds[2].abort);
  EXPECT_EQ(test.thresholds[2].grace, 2s);
  EXPECT_EQ(test.thresholds[3].severity, Severity::warn);
}

TEST(LoadPlan, one_test_may_stand_at_the_top) {
  const Plan plan = loaded(R"(
target: http://127.0.0.1:8080/api/
rate: 30/m
arrivals: uniform
max_users: 7
max_waiting: 0
tags: [smoke]
threads: 2
timeout: 1s
connect_timeout: 250ms
drain: 0s
seed: 42
watch: [pid:1, port:8080]
headers: {Accept: text/html}
steps: [GET /]
)");
  EXPECT_EQ(plan.suite, "plan");
  const loadlab::Test& test = plan.tests[0];
  EXPECT_EQ(test.name, "plan");
  EXPECT_EQ(test.target.base_path, "/api");
  const auto& load = std::get<OpenLoad>(test.loads[0].model);
  EXPECT_DOUBLE_EQ(load.rate.highest(), 0.5);
  EXPECT_EQ(load.arrivals, Arrivals::uniform);
  EXPECT_EQ(load.max_users, 7);
  EXPECT_EQ(load.max_waiting, 0);
  EXPECT_THAT(test.tags, ElementsAre("smoke"));
  EXPECT_EQ(test.threads, 2);
  EXPECT_EQ(test.request_timeout, 1s);
  EXPECT_EQ(test.connect_timeout, 250ms);
  EXPECT_EQ(test.drain, 0s);
  EXPECT_EQ(test.seed, 42u);
  ASSERT_EQ(test.watch.size(), 2u);
  EXPECT_EQ(test.watch[1].kind, Watch::Kind::port);
  EXPECT_EQ(test.loads[0].journeys[0].steps[0].headers[0].first, "Accept");
  EXPECT_EQ(loaded("name: mine\n" + with("")).suite, "mine");
}

TEST(LoadPlan, a_test_s_own_keys_win_over_the_defaults) {
  const Plan plan = loaded(R"(
target: http://a
defaults:
  users: 5
  think: 1s
  duration: 20s
  headers: {Accept: text/html, X-A: a}
  variables: {who: acme, what: x}
  steps: [GET /]
tests:
  - name: as it is
  - name: other
    rate: 5/s
    duration: 10s
    target: http://b
    headers: {accept: text/plain}
    variables: {who: other}
    think: 0s
    journeys: [{steps: [{request: GET /$(who)/$(what), think: 3s}, GET /]}]
)");
  ASSERT_EQ(plan.tests.size(), 2u);
  EXPECT_EQ(plan.tests[0].loads[0].profile().highest(), 5);
  EXPECT_EQ(plan.tests[0].duration(), 20s);
  EXPECT_EQ(plan.tests[0].loads[0].journeys[0].steps[0].think.high, 1s);
  const loadlab::Test& other = plan.tests[1];
  EXPECT_EQ(other.loads[0].profile().highest(), 5);
  EXPECT_EQ(other.duration(), 10s);
  EXPECT_EQ(other.target.host, "b");
  const auto& steps = other.loads[0].journeys[0].steps;
  EXPECT_EQ(steps[0].path.constant(), "/other/x");
  EXPECT_EQ(steps[0].think.low, 3s);
  EXPECT_TRUE(steps[1].think.is_zero());
  ASSERT_EQ(steps[0].headers.size(), 2u);
  EXPECT_EQ(steps[0].headers[0].second.constant(), "text/plain");
}

TEST(LoadPlan, json_follows_the_core_schema_and_keeps_digits) {
  EXPECT_EQ(json_of("{a: 007, b: yes, c: 1.10, d: ~, e: \"5\", f: on, g: 1_000, h: 12:30}"),
            R"({"a":"007","b":"yes","c":1.10,"d":null,"e":"5","f":"on","g":"1_000","h":"12:30"})");
  EXPECT_EQ(json_of("[1, .5, +3, 0x1F, 0o17, -2e3, 1E+5, true, False, NULL, 12., -0, .]"),
            R"([1,0.5,3,31,15,-2e3,1e5,true,false,null,12,-0,"."])");
  EXPECT_EQ(json_of("\"$(who)\\n\""), R"("a\"b\n")");
  EXPECT_EQ(json_of("{}"), "{}");
  EXPECT_EQ(json_of("[$$(who), $, a$]"), R"json(["$(who)","$","a$"])json");
  EXPECT_EQ(complaint("target: http://a\nusers: 1\nsteps: [{request: POST /, json: .inf}]"),
            "p:3:33: json: JSON has no number '.inf'; put it in quotes to send it as text");
}

TEST(LoadPlan, variables_are_escaped_for_the_place_they_stand_in) {
  const Plan plan = loaded(R"yaml(
target: http://a
users: 1
steps:
  - {request: GET /, capture: {id: /id}}
  - {request: POST /$(id), json: "x$(id)", headers: {X-Id: $(id)}}
  - {request: POST /, body: $(id)}
)yaml");
  const auto escaping = [](const Template& of) { return std::get<Template::Variable>(of.pieces.at(1)).escaping; };
  const auto& steps = plan.tests[0].loads[0].journeys[0].steps;
  EXPECT_EQ(escaping(steps[1].path), Escaping::percent);
  EXPECT_EQ(escaping(steps[1].body), Escaping::json);
  EXPECT_EQ(std::get<Template::Variable>(steps[1].headers[0].second.pieces[0]).escaping, Escaping::header_value);
  EXPECT_EQ(std::get<Template::Variable>(steps[2].body.pieces[0]).escaping, Escaping::none);
}

TEST(LoadPlan, a_content_type_of_the_plan_s_own_is_kept) {
  const Plan plan =
      loaded("target: http://a\nusers: 1\nsteps: [{request: POST /, json: 1, headers: {content-type: application/x}}]");
  const auto& headers = plan.tests[0].loads[0].journeys[0].steps[0].headers;
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers[0].second.constant(), "application/x");
}

TEST(LoadPlan, status_checks_take_numbers_classes_ranges_and_lists) {
  const Plan plan =
      loaded("target: http://a\nusers: 1\nsteps: [{request: GET /, check: {status: [200, 3xx, 404-410]}}]");
  const Check& check = plan.tests[0].loads[0].journeys[0].steps[0].check;
  for (const int status : {200, 300, 399, 404, 410}) EXPECT_TRUE(check.accepts(status)) << status;
  for (const int status : {201, 299, 400, 403, 411}) EXPECT_FALSE(check.accepts(status)) << status;
}

TEST(LoadPlan, anchors_and_merge_keys_work) {
  const Plan plan = loaded(R"(
target: http://a
tests:
  - &first
    name: first
    users: 3
    steps: &steps [GET /]
  - <<: *first
    name: second
  - {name: third, users: 1, steps: *steps}
)");
  ASSERT_EQ(plan.tests.size(), 3u);
  EXPECT_EQ(plan.tests[1].loads[0].profile().highest(), 3);
  EXPECT_EQ(plan.tests[1].name, "second");
  EXPECT_EQ(plan.tests[2].loads[0].journeys[0].steps[0].name, "GET /");
  EXPECT_EQ(json_of("[&x {a: 1, b: 1}, &y {b: 2, c: 2}, {<<: [*x, *y], a: 3}, {\"<<\": 4}]"),
            R"([{"a":1,"b":1},{"b":2,"c":2},{"a":3,"b":1,"c":2},{"<<":4}])")
      << "a map's own key wins, then the earlier merge; in quotes '<<' is a key like others";
}

TEST(LoadPlan, the_command_line_overrides_the_plan) {
  Overrides overrides;
  overrides.target = "http://other:81/base";
  overrides.threads = 3;
  overrides.duration = 2s;
  overrides.watch = {parse_watch("port:81").value()};
  const Plan plan = loaded(kExample, overrides);
  const loadlab::Test& test = plan.tests[0];
  EXPECT_EQ(test.target.authority(), "other:81");
  EXPECT_EQ(test.target.base_path, "/base");
  EXPECT_EQ(test.threads, 3);
  EXPECT_EQ(test.duration(), 2s);
  EXPECT_EQ(test.loads[0].profile().stages()[0].ramp, 2s) << "a ramp is never longer than its test";
  EXPECT_EQ(test.watch.size(), 1u);
  EXPECT_EQ(loaded("users: 1\nsteps: [GET /]", overrides).tests[0].target.host, "other");
}

TEST(LoadPlan, overrides_are_checked_too) {
  Overrides overrides;
  overrides.target = "other";
  EXPECT_EQ(complaint(kExample, overrides), "--target: 'other' is not a URL; write it as in http://127.0.0.1:8080");
  overrides = {};
  overrides.threads = 0;
  EXPECT_THAT(complaint(kExample, overrides), HasSubstr("--threads: 0 is not between 1 and 256"));
  overrides = {};
  overrides.duration = 0s;
  EXPECT_THAT(complaint(kExample, overrides), HasSubstr("--duration: 0s is not between 1ms and 168h"));
}

TEST(LoadPlan, only_the_wanted_tests_are_kept) {
  const std::string suite = R"(
target: http://a
defaults: {users: 1, steps: [GET /]}
tests:
  - {name: normal, tags: [quick]}
  - {name: peak}
  - {name: calm, tags: [quick, after]}
)";
  Overrides overrides;
  overrides.only = {"quick"};
  const Plan plan = loaded(suite, overrides);
  ASSERT_EQ(plan.tests.size(), 2u);
  EXPECT_EQ(plan.tests[1].name, "calm");
  overrides.only = {"peak", "after"};
  EXPECT_EQ(loaded(suite, overrides).tests.size(), 2u);
  overrides.only = {"peek"};
  EXPECT_EQ(complaint(suite, overrides),
            "--only: no test has the name or tag 'peek'; did you mean 'peak'? there are: normal, peak, calm, quick, "
            "after");
}

TEST(LoadPlan, of_many_tests_a_mistyped_name_is_answered_with_the_tags_only) {
  std::string suite =
      "suite: big\ntarget: http://127.0.0.1:1\ndefaults: {users: 1, steps: [GET /], tags: [quick]}\ntests:\n";
  for (int i = 1; i <= 21; ++i) suite += fmt::format("  - {{name: number {}}}\n", i);
  Overrides overrides;
  overrides.only = {"nmber 7"};
  EXPECT_EQ(complaint(suite, overrides),
            "--only: no test has the name or tag 'nmber 7'; did you mean 'number 7'? there are: quick, and 21 tests, "
            "which --list names");
}

TEST(LoadPlan, a_file_that_cannot_be_read_is_named) {
  EXPECT_EQ(load_plan_file("/no/such/plan.yaml", {}).error().message, "/no/such/plan.yaml: No such file or directory");
  EXPECT_EQ(load_plan_file("/tmp", {}).error().message,
            "/tmp: is a folder without a suite.yaml; name a plan, a YAML file");
}

// The blocks of the reference are what people copy.
Overrides with_ports() {
  Overrides overrides;
  overrides.free_port = [next = std::uint16_t{20000}]() mutable { return std::optional<std::uint16_t>(++next); };
  return overrides;
}

TEST(LoadPlan, every_example_of_the_reference_is_a_plan) {
  std::ifstream file(std::string(PROJECT_SOURCE_DIR) + "/docs/plan.md");
  ASSERT_TRUE(file);
  std::string line;
  std::string block;
  bool inside = false;
  int blocks = 0;
  while (std::getline(file, line)) {
    if (inside && line == "```") {
      inside = false;
      ++blocks;
      const auto plan = load_plan_text(block, fmt::format("block {}", blocks), with_ports());
      EXPECT_TRUE(plan) << (plan ? "" : plan.error().message) << "\n" << block;
    } else if (inside) {
      block += line + "\n";
    } else if (line == "```yaml") {
      inside = true;
      block.clear();
    }
  }
  EXPECT_GE(blocks, 4);
}

TEST(LoadPlan, every_shipped_suite_is_a_plan) {
  int plans = 0;
  std::set<std::string> included;
  const auto check = [&](const std::string& path) {
    const auto plan = load_plan_file(path, with_ports());
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    if (plan) included.insert(plan->sources.begin(), plan->sources.end());
    ++plans;
  };
  const std::filesystem::recursive_directory_iterator suites(PROJECT_SOURCE_DIR "/suites");
  const std::vector<std::filesystem::directory_entry> files(begin(suites), end(suites));
  for (const auto& file : files) {
    if (file.path().filename() == "suite.yaml") check(file.path().string());
  }
  // What a suite includes need be no plan of its own.
  for (const auto& file : files) {
    if (file.path().extension() == ".yaml" && included.count(file.path().string()) == 0) check(file.path().string());
  }
  EXPECT_GE(plans, 1);
}

}  // namespace
}  // namespace loadlab
