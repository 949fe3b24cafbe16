#include "loadlab/session/suite.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <thread>

#include "loadlab/plan/load_plan.h"
#include "loadlab/probe/socket_table.h"
#include "loadlab/session/started_command.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using testing_support::Answer;
using testing_support::Responder;

class Silent final : public SuiteObserver {
 public:
  void test_begins(const loadlab::Test&, std::size_t, std::size_t) override { ++begun; }
  void second_passed(const loadlab::Test&, const TestResult&, const Timings&) override {
    ++seconds;
    if (stop_after == seconds) stop = true;
  }
  void test_ended(const TestResult&) override { ++ended; }

  int begun = 0;
  int seconds = 0;
  int ended = 0;
  int stop_after = -1;
  std::atomic<bool> stop = false;
};

Plan plan_of(const std::string& yaml, const Responder& responder) {
  Overrides overrides;
  overrides.target = responder.url();
  auto plan = load_plan_text(yaml, "plan.yaml", overrides);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan.value_or(Plan());
}

RunResult play(const Plan& plan, Silent& observer) {
  return play_suite(plan, base::SystemClock(), observer.stop, observer);
}

constexpr const char* kTwoTests = R"(
suite: two
target: http://127.0.0.1:1
tests:
  - name: quick
    users: 3
    duration: 1s
    steps: [GET /quick]
    thresholds: [p95(response_time) < 5s, avg(cpu) <= 100%, max(memory) > 1MB]
  - name: never holds
    rate: 50/s
    duration: 1s
    steps: [GET /other]
    thresholds: [count(requests) > 1000]
)";

TEST(PlaySuite, the_worst_test_decides) {
  Responder responder;
  Silent observer;
  const RunResult run = play(plan_of(kTwoTests, responder), observer);
  ASSERT_EQ(run.tests.size(), 2u);
  EXPECT_EQ(run.suite, "two");
  EXPECT_EQ(run.tests[0].load, "3 users for 1 s");
  EXPECT_EQ(run.tests[1].load, "50/s, Poisson arrivals for 1 s");
  EXPECT_NE(run.tests[0].verdict, Verdict::fail);
  EXPECT_EQ(run.tests[1].thresholds.at(0).passed, false);
  EXPECT_EQ(run.tests[0].total.requests, responder.requests("GET /quick"));
  EXPECT_EQ(run.tests[1].total.requests, responder.requests("GET /other"));
  EXPECT_EQ(observer.begun, 2);
  EXPECT_EQ(observer.ended, 2);
  EXPECT_FALSE(run.interrupted);
}

TEST(PlaySuite, the_process_that_serves_the_target_is_watched_by_itself) {
  Responder responder;
  Silent observer;
  const RunResult run = play(plan_of(kTwoTests, responder), observer);
  const Resources& resources = run.tests.at(0).resources;
  EXPECT_NE(resources.target.find(std::to_string(::getpid())), std::string::npos) << resources.target << resources.gap;
  EXPECT_GT(resources.avg_cpu_percent.value_or(0), 1);
  EXPECT_GT(resources.peak_memory_mb.value_or(0), 1);
  EXPECT_GT(resources.cpu_ms_per_request.value_or(0), 0);
  for (const ThresholdOutcome& outcome : run.tests.at(0).thresholds) EXPECT_TRUE(outcome.passed) << outcome.expression;
}

TEST(PlaySuite, all_watched_processes_are_added_together) {
  Responder responder;
  Silent observer;
  const std::string plan = "target: http://127.0.0.1:1\nusers: 1\nduration: 300ms\nsteps: [GET /]\nwatch: ";
  const int self = ::getpid();
  const int parent = ::getppid();
  const Resources one = play(plan_of(fmt::format("{}[pid:{}]", plan, self), responder), observer).tests[0].resources;
  const Resources both =
      play(plan_of(fmt::format("{}[pid:{}, pid:{}, port:{}]", plan, self, parent, responder.port()), responder),
           observer)
          .tests[0]
          .resources;
  EXPECT_NE(both.target.find(fmt::format("(pid {}) + ", self)), std::string::npos) << both.target;
  EXPECT_NE(both.target.find(fmt::format("(pid {})", parent)), std::string::npos) << both.target;
  EXPECT_GT(both.threads.value_or(0), one.threads.value_or(0)) << "who listens is this process, counted once";
  EXPECT_GT(both.peak_memory_mb.value_or(0), one.peak_memory_mb.value_or(1e9));
}

TEST(PlaySuite, an_interrupt_drains_judges_and_leaves_the_rest_out) {
  Responder responder;
  Silent observer;
  observer.stop_after = 1;
  const RunResult run = play(plan_of(R"(
target: http://127.0.0.1:1
tests:
  - {name: long, users: 2, duration: 1h, steps: [GET /]}
  - {name: left out, users: 2, duration: 1h, steps: [GET /]}
)",
                                     responder),
                             observer);
  ASSERT_EQ(run.tests.size(), 1u);
  EXPECT_TRUE(run.interrupted);
  EXPECT_EQ(run.tests[0].stopped, "interrupted");
  EXPECT_EQ(run.tests[0].total.requests, responder.requests());
  EXPECT_EQ(run.tests[0].total.failed, 0u) << "what was in flight is awaited";
}

TEST(PlaySuite, a_broken_threshold_that_aborts_ends_its_test) {
  Responder responder([](const std::string&, const std::string&) { return Answer{500, "no"}; });
  Silent observer;
  const RunResult run = play(plan_of(R"(
target: http://127.0.0.1:1
users: 2
duration: 1h
name: hopeless
steps: [GET /]
thresholds: [{expect: error_rate < 1%, abort: true}]
)",
                                     responder),
                             observer);
  ASSERT_EQ(run.tests.size(), 1u);
  EXPECT_EQ(run.verdict, Verdict::fail);
  EXPECT_LT(run.tests[0].seconds, 60);
  EXPECT_NE(run.tests[0].stopped.find("error_rate < 1%"), std::string::npos);
  EXPECT_FALSE(run.interrupted);
}

TEST(PlaySuite, an_unreachable_target_is_an_error_with_its_reason) {
  Responder responder;
  const Plan plan = plan_of(kTwoTests, responder);
  responder.kill();
  Silent observer;
  const RunResult run = play(plan, observer);
  EXPECT_EQ(run.verdict, Verdict::error);
  ASSERT_EQ(run.tests.size(), 2u);
  EXPECT_NE(run.tests[0].failure.find("refused"), std::string::npos) << run.tests[0].failure;
}

const ProbeSeries* find(const TestResult& test, std::string_view probe) {
  const auto found = wholes_of(test.probes, probe);
  return found.empty() ? nullptr : found.front();
}

TEST(PlaySuite, a_probe_that_can_t_read_leaves_a_gap_and_the_run_goes_on) {
  Responder responder;
  Responder gone;
  gone.kill();
  Silent observer;
  const Plan plan = plan_of(
      fmt::format("target: http://127.0.0.1:1\nusers: 1\nduration: 300ms\nsteps: [GET /]\nwatch_interval: 100ms\n"
                  "watch: [machine, 'redis://:s3cret@127.0.0.1:{}', 'prometheus:{}/metrics']\n"
                  "thresholds: [{{expect: max(redis:memory) < 1GB, severity: warn}}]",
                  gone.port(), gone.url()),
      responder);
  const TestResult test = play(plan, observer).tests.at(0);
  EXPECT_GT(test.total.requests, 0u);
  EXPECT_EQ(test.total.failed, 0u);
  const ProbeSeries* redis = find(test, "redis");
  ASSERT_NE(redis, nullptr);
  EXPECT_EQ(redis->label.find("s3cret"), std::string::npos);
  ASSERT_EQ(redis->gaps.size(), 1u);
  EXPECT_NE(redis->gaps[0].reason.find("refused"), std::string::npos) << redis->gaps[0].reason;
  EXPECT_TRUE(redis->metrics.empty());
  EXPECT_FALSE(test.thresholds.at(0).observed) << "a gap is no zero";
  EXPECT_EQ(find(test, "prometheus")->gaps.size(), 1u);
  ASSERT_NE(find(test, "machine"), nullptr);
  EXPECT_GT(find(test, "machine")->find("cpu")->summary.average, 0);
  ASSERT_NE(find(test, "process"), nullptr) << "the target is watched beside what was named";
}

TEST(PlaySuite, a_target_that_vanishes_is_a_gap_from_then_on) {
  Responder responder;
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  Silent observer;
  std::thread killer([child, &responder] {
    while (responder.requests() < 50) std::this_thread::yield();
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  });
  const Plan plan = plan_of(fmt::format("target: http://127.0.0.1:1\nusers: 1\nduration: 500ms\nsteps: [GET /]\n"
                                        "watch_interval: 100ms\nwatch: pid:{}",
                                        child),
                            responder);
  const TestResult test = play(plan, observer).tests.at(0);
  killer.join();
  EXPECT_EQ(test.total.failed, 0u);
  const ProbeSeries* process = find(test, "process");
  ASSERT_NE(process, nullptr);
  ASSERT_FALSE(process->gaps.empty());
  EXPECT_EQ(process->gaps[0].reason, fmt::format("process {} has ended", child));
  EXPECT_EQ(test.resources.gap, process->gaps[0].reason);
  EXPECT_TRUE(std::isnan(process->find("memory")->values.back()));
}

TEST(PlaySuite, a_command_in_the_place_of_which_another_listens_is_not_started) {
  Responder responder;
  Silent observer;
  const Plan plan =
      plan_of("target: http://127.0.0.1:1\nusers: 1\nduration: 300ms\nsteps: [GET /]\nwatch: 'command:exec sleep 60'",
              responder);
  // Somebody listens on the target's port already: the command is not the target, and is not started.
  const TestResult refused = play(plan, observer).tests.at(0);
  EXPECT_NE(refused.failure.find("listens on port"), std::string::npos) << refused.failure;
  EXPECT_EQ(refused.verdict, Verdict::error) << "whoever it is that listens, it is not what the plan means";
}

TEST(StartedCommand, is_ended_with_its_owner) {
  pid_t pid = 0;
  {
    const auto started = StartedCommand::start("exec sleep 60", std::nullopt);
    ASSERT_TRUE(started);
    pid = started->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0) << "it was ended, and waited for";
}

// Whether anything of a process group is left.
bool is_left(pid_t group) { return ::kill(-group, 0) == 0; }

TEST(StartedCommand, nothing_of_its_group_is_left) {
  pid_t group = 0;
  {
    const auto started = StartedCommand::start("sleep 60 & sleep 60; true", std::nullopt);
    ASSERT_TRUE(started);
    group = started->pid();
    EXPECT_TRUE(is_left(group));
  }
  EXPECT_FALSE(is_left(group)) << "the shell ended first, and its children with it";
  const std::uint16_t port = Responder().port();
  const auto background =
      StartedCommand::start(fmt::format("sleep 60 & echo $! >{}/left; exit 0", ::testing::TempDir()), port);
  EXPECT_FALSE(background);
  pid_t left = 0;
  std::ifstream(::testing::TempDir() + "/left") >> left;
  ASSERT_GT(left, 0);
  EXPECT_NE(::kill(left, 0), 0) << "a command that ends at once has left nothing behind";
}

TEST(StartedCommand, is_waited_for_until_it_listens_and_told_apart_from_one_that_ends) {
  const std::uint16_t port = Responder().port();
  const auto ends = StartedCommand::start("exit 3", port);
  ASSERT_FALSE(ends);
  EXPECT_NE(ends.error().message.find("ended before it listened"), std::string::npos);
  const auto listens = StartedCommand::start(
      fmt::format(
          "exec python3 -c 'import socket, time; s = socket.create_server((\"127.0.0.1\", {})); time.sleep(60)'", port),
      port);
  ASSERT_TRUE(listens) << listens.error().message;
  auto table = SocketTable::open();
  const auto listeners = table->listeners();
  EXPECT_TRUE(std::any_of(listeners->begin(), listeners->end(), [&](const auto& one) { return one.port == port; }));
}

}  // namespace
}  // namespace loadlab
