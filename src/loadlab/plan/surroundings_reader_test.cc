#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/surroundings_reader.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Ports count from 20001, so that tests know them.
Overrides with_ports() {
  Overrides overrides;
  overrides.free_port = [next = std::uint16_t{20000}]() mutable { return std::optional<std::uint16_t>(++next); };
  return overrides;
}

Plan loaded(std::string_view yaml, const Overrides& overrides = with_ports()) {
  auto plan = load_plan_text(yaml, "suites/plan.yaml", overrides);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  if (!plan) return Plan{"", {Test{}}};
  return std::move(*plan);
}

std::string complaint(std::string_view yaml, const Overrides& overrides = with_ports()) {
  const auto plan = load_plan_text(yaml, "p", overrides);
  return plan ? "accepted" : plan.error().message;
}

// A plan of one test with these lines put before a simple step.
std::string with(std::string_view lines) {
  return fmt::format("target: http://a\nusers: 1\n{}\nsteps: [GET /]\n", lines);
}

TEST(ReadSurroundings, everything_around_a_test_is_read) {
  const Plan plan = loaded(R"(
target: http://127.0.0.1:$(port)/base
ports: [port]
users: 1
before: [./prepare, {run: ./fill, within: 2m}]
start:
  - {run: ./shop --port $(port), name: shop, ready: GET /ready}
  - {run: ./bank, name: bank, watch: false, may_die: true, ready: {run: ./bank-is-up, within: 5s}}
at: [{time: 3s, run: ./break, name: the bank goes away}]
verify: [{name: totals are exact, run: ./check}, {run: ./look, severity: warn, reason: known}]
after: [./clean]
steps: [GET /]
watch: [redis://127.0.0.1:$(port)]
)");
  const loadlab::Test& test = plan.tests.at(0);
  EXPECT_EQ(test.folder, "suites/");
  EXPECT_EQ(test.target.port, 20001);
  EXPECT_EQ(test.watch.at(0).text, "redis://127.0.0.1:20001");
  const Surroundings& around = test.around;
  EXPECT_EQ(around.ports, (NamedPorts{{"port", 20001}}));
  EXPECT_EQ(around.before.at(0).text, "./prepare");
  EXPECT_EQ(around.before.at(0).within, 60s);
  EXPECT_EQ(around.before.at(1).within, 2min);
  const StartedProcess& shop = around.start.at(0);
  EXPECT_EQ(shop.command.text, "./shop --port 20001");
  EXPECT_EQ(shop.command.shown, "./shop --port $(port)");
  EXPECT_EQ(shop.ready->method, "GET");
  EXPECT_EQ(shop.ready->path, "/ready");
  EXPECT_EQ(shop.ready->within, 30s);
  EXPECT_TRUE(shop.watch);
  EXPECT_FALSE(shop.may_die);
  const StartedProcess& bank = around.start.at(1);
  EXPECT_TRUE(bank.ready->is_command());
  EXPECT_EQ(bank.ready->within, 5s);
  EXPECT_FALSE(bank.watch);
  EXPECT_TRUE(bank.may_die);
  EXPECT_EQ(around.at.at(0).time, 3s);
  EXPECT_EQ(around.at.at(0).name, "the bank goes away");
  EXPECT_EQ(around.verify.at(0).name, "totals are exact");
  EXPECT_EQ(around.verify.at(0).severity, Severity::fail);
  EXPECT_EQ(around.verify.at(1).name, "./look");
  EXPECT_EQ(around.verify.at(1).severity, Severity::warn);
  EXPECT_EQ(around.verify.at(1).reason, "known");
  EXPECT_EQ(around.after.at(0).text, "./clean");
}

TEST(ReadSurroundings, commands_take_constants_and_leave_the_shell_its_own) {
  const auto text = [](std::string_view command) {
    return loaded(fmt::format("target: http://a\nusers: 1\nvariables: {{n: 7}}\nbefore: ['{}']\nsteps: [GET /]\n",
                              command))
        .tests.at(0)
        .around.before.at(0)
        .text;
  };
  EXPECT_EQ(text("seq $(n)"), "seq 7");
  EXPECT_EQ(text("echo $$(date) $HOME"), "echo $(date) $HOME");
  EXPECT_EQ(text("kill $(cat pid-$(n))"), "kill $(cat pid-7)");
  EXPECT_EQ(text("echo $(("), "echo $((");
  EXPECT_EQ(complaint(with("variables: {number: 7}\nbefore: [seq $(nmber)]")),
            "p:4:16: no constant is named 'nmber'; did you mean 'number'?; write $$( for a literal '$('");
}

TEST(ReadSurroundings, the_command_line_wins_over_ports_and_variables) {
  Overrides overrides = with_ports();
  overrides.variables = {{"port", "8088"}, {"n", "9"}};
  const Plan plan = loaded(
      "target: http://a:$(port)\nports: [port, other]\nvariables: {n: 7}\nusers: $(n)\n"
      "steps: [GET /]\n",
      overrides);
  EXPECT_EQ(plan.tests.at(0).target.port, 8088);
  EXPECT_EQ(plan.tests.at(0).around.ports, (NamedPorts{{"port", 8088}, {"other", 20001}}));
  EXPECT_EQ(plan.tests.at(0).loads.at(0).most_users(), 9);
  overrides.variables = {{"port", "many"}, {"n", "9"}};
  EXPECT_THAT(complaint("target: http://a\nports: [port]\nvariables: {n: 7}\nusers: $(n)\nsteps: [GET /]\n", overrides),
              HasSubstr("p:2:9: ports: -e port: is no port, 1 to 65535"));
}

TEST(ReadSurroundings, scalars_take_constants_before_they_are_read) {
  const Plan plan = loaded(R"(
target: http://a
variables: {length: 4s, most: 1s}
defaults: {duration: $(length)}
tests:
  - name: one
    stages: [{rate: 5/s, duration: $(length)}]
    steps: [GET /$(length)]
    thresholds: [p95(response_time of GET /$(length)) < $(most), {expect: avg(response_time) < $(most), severity: warn}]
  - name: two
    variables: {length: 9s}
    users: 1
    ramp_up: $(length)
    steps: [GET /]
)");
  EXPECT_EQ(plan.tests.at(0).duration(), 4s);
  EXPECT_EQ(plan.tests.at(1).duration(), 9s);
  EXPECT_EQ(plan.tests.at(0).thresholds.at(0).bound, 1000);
  EXPECT_EQ(plan.tests.at(0).thresholds.at(0).step, "GET /$(length)");
  EXPECT_EQ(complaint(with("duration: $(lenght)\nvariables: {length: 1s}")).substr(0, 63),
            "p:3:11: no constant is named 'lenght'; did you mean 'length'?; ");
  EXPECT_EQ(complaint(with("duration: $(length)\nvariables: {length: 1}")).substr(0, 17), "p:3:11: duration:");
  EXPECT_THAT(complaint(with("variables: {n: $(counter())}\nduration: $(n)")),
              HasSubstr("'n' is drawn for each iteration; only a constant can stand here"));
}

TEST(ReadSurroundings, a_start_with_a_duration_is_a_loads) {
  const Plan plan = loaded(R"(
target: http://a
defaults: {start: [{run: ./shop}]}
tests:
  - {name: one, users: 1, start: 2s, duration: 3s, steps: [GET /]}
  - {name: two, loads: [{users: 1, start: 1s}], steps: [GET /]}
)");
  EXPECT_EQ(plan.tests.at(0).loads.at(0).start, 2s);
  EXPECT_EQ(plan.tests.at(0).around.start.size(), 1u);
  EXPECT_EQ(plan.tests.at(1).around.start.size(), 1u);
  EXPECT_THAT(complaint("target: http://a\nsteps: [GET /]\nloads: [{users: 1, start: [{run: x}]}]\n"),
              HasSubstr("p:3:20: processes are started around the whole test"));
}

TEST(ReadSurroundings, a_suite_has_its_own) {
  const Plan plan = loaded(R"(
target: http://127.0.0.1:$(port)
ports: [port, db]
before: [./prepare]
start: [{run: ./shop $(port), name: shop, ready: GET /ready}]
after: [./clean $(db)]
tests:
  - {name: one, users: 1, steps: [GET /], ports: [own], watch: ['port:$(own)']}
)");
  EXPECT_EQ(plan.around.before.at(0).text, "./prepare");
  EXPECT_EQ(plan.around.start.at(0).command.text, "./shop 20001");
  EXPECT_EQ(plan.around.after.at(0).text, "./clean 20002");
  EXPECT_EQ(plan.target->port, 20001);
  EXPECT_EQ(plan.tests.at(0).target.port, 20001);
  EXPECT_EQ(plan.tests.at(0).watch.at(0).number, 20003);
  EXPECT_TRUE(plan.tests.at(0).around.start.empty());
  EXPECT_THAT(complaint("verify: [{run: x}]\ntests:\n  - {name: a, target: http://a, users: 1, steps: [GET /]}\n"),
              HasSubstr("p:1:1: 'verify' is a test's key"));
  EXPECT_THAT(
      complaint("start: [{run: x, ready: GET /}]\ntests:\n  - {name: a, target: http://a, users: 1, steps: [GET /]}\n"),
      HasSubstr("p:1:25: ready: there is no 'target' to ask"));
}

TEST(ReadSurroundings, what_is_wrong_is_told_with_its_place) {
  EXPECT_EQ(complaint(with("before: [{runn: x}]")),
            "p:3:10: before: no 'run', which is the command\np:3:11: unknown key 'runn'; did you mean 'run'?");
  EXPECT_THAT(complaint(with("before: ['  ']")), HasSubstr("p:3:10: before: a command has 1 to 64000 bytes"));
  EXPECT_THAT(complaint(with("start: [{run: x, ready: /ready}]")), HasSubstr("p:3:25: ready: expected a request"));
  EXPECT_THAT(complaint(with("start: [{run: x, ready: {within: 1s}}]")), HasSubstr("ready: has a 'request'"));
  EXPECT_THAT(complaint(with("start: [{run: x, name: a-b}]")), HasSubstr("p:3:24: name: 'a-b' becomes part of"));
  EXPECT_THAT(complaint(with("start: [{run: x, name: a}, {run: y, name: a}]")), HasSubstr("two processes are named"));
  EXPECT_THAT(complaint(with("at: [{run: x}]")), HasSubstr("p:3:6: at: no 'time'"));
  EXPECT_THAT(complaint(with("at: [{run: x, time: 20s}]")),
              HasSubstr("comes after 20s, and the test is over after 10s"));
  EXPECT_THAT(complaint(with("verify: [{run: x, severity: bad}]")), HasSubstr("expected fail or warn"));
  EXPECT_THAT(complaint(with("ports: [a b]")), HasSubstr("p:3:9: ports: 'a b' is not the name"));
  EXPECT_THAT(complaint(with("ports: [a]"), {}), HasSubstr("no port of 127.0.0.1 is free"));
}

}  // namespace
}  // namespace loadlab
