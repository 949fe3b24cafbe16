#include "loadlab/session/staging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "loadlab/plan/load_plan.h"
#include "loadlab/session/free_port.h"
#include "loadlab/session/suite.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::Responder;

class Silent final : public SuiteObserver {
 public:
  void test_begins(const loadlab::Test&, std::size_t, std::size_t) override {}
  void second_passed(const loadlab::Test&, const TestResult&, const Timings&) override {
    if (stop_at_first_second) stop = true;
  }
  void test_ended(const TestResult&) override {}

  bool stop_at_first_second = false;
  std::atomic<bool> stop = false;
};

// Answers so many questions by 503 and all others by 200, and writes down what it was asked.
constexpr const char* kServer = R"(import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    left = int(sys.argv[2])
    def do_GET(self):
        with open(os.environ["OUT"] + "/asked", "a") as file:
            file.write(self.path + "\n")
        self.send_response(503 if Handler.left > 0 else 200)
        Handler.left -= 1
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

class Around : public ::testing::Test {
 protected:
  // Plays a suite of one test with these lines; commands find the test's folder in $OUT.
  RunResult play(const std::string& lines, const std::string& suite = "") {
    ::setenv("OUT", folder_.c_str(), 1);
    Overrides overrides;
    overrides.target = responder_.url();
    overrides.free_port = [ports = FreePorts()]() mutable { return ports.next(); };
    const std::string yaml =
        suite +
        "\ndefaults: {duration: 1s}\ntests:\n  - name: only\n    users: 2\n    think: 20ms\n    steps: [GET /]\n" +
        lines;
    const auto plan = load_plan_text(yaml, "plan.yaml", overrides);
    EXPECT_TRUE(plan) << plan.error().message;
    return play_suite(plan.value_or(Plan()), base::SystemClock(), observer_.stop, observer_);
  }

  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // The process whose number stands in that file has ended, and is nobody's child that still waits to be looked at.
  bool is_gone(const std::string& name) const {
    const std::string text = read(name);
    EXPECT_FALSE(text.empty()) << name;
    return !text.empty() && ::kill(std::stoi(text), 0) != 0;
  }

  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "staging-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
    std::ofstream(folder_ / "server.py") << kServer;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  Responder responder_;
  Silent observer_;
};

TEST_F(Around, all_commands_run_in_their_order_and_are_told_where_they_are) {
  const RunResult run = play(R"(
    before: ['echo before $LOADLAB_TEST $LOADLAB_TARGET >> $OUT/log; touch $LOADLAB_DIR/mine', 'echo $LOADLAB_DIR > $OUT/dir']
    start: [{run: 'echo $$ > $OUT/pid; echo start >> $OUT/log; exec sleep 100', name: sleeper, ready: {run: test -s $OUT/pid}}]
    at: [{time: 100ms, run: 'echo at $LOADLAB_STARTED_SLEEPER > $OUT/at', name: a push}]
    verify: [{name: it slept, run: 'test -e $LOADLAB_DIR/mine && kill -0 $LOADLAB_STARTED_SLEEPER && echo verify >> $OUT/log && echo sound'}]
    after: ['kill -0 $LOADLAB_STARTED_SLEEPER 2>> /dev/null; echo after $? >> $OUT/log']
)");
  const TestResult& test = run.tests.at(0);
  EXPECT_EQ(test.failure, "");
  EXPECT_EQ(read("log"), "before only " + responder_.url() + "\nstart\nverify\nafter 1\n");
  EXPECT_EQ(read("at"), "at " + read("pid"));
  ASSERT_EQ(test.events.size(), 1u);
  EXPECT_EQ(test.events[0].name, "a push");
  EXPECT_GE(test.events[0].seconds, 0.0);
  EXPECT_LT(test.events[0].seconds, 1.0);
  EXPECT_EQ(test.events[0].ending, "exited with 0");
  ASSERT_EQ(test.verifications.size(), 1u);
  EXPECT_TRUE(test.verifications[0].passed);
  EXPECT_EQ(test.verifications[0].observed, "sound");
  EXPECT_TRUE(is_gone("pid"));
  std::string dir = read("dir");
  dir.erase(dir.find_last_not_of('\n') + 1);
  EXPECT_FALSE(std::filesystem::exists(dir)) << dir;
}

TEST_F(Around, a_command_of_a_test_is_told_of_the_test_and_not_of_the_suite_around_it) {
  // As it was given to the shell, which would hide what stands there twice.
  const RunResult run = play(
      "    before: ['tr \"\\0\" \"\\n\" < /proc/$$/environ | grep ^LOADLAB_ | cut -d= -f1 | sort > $OUT/names; "
      "test $LOADLAB_DIR != $LOADLAB_SUITE_DIR && echo its own > $OUT/folder']\n",
      "before: ['true']");
  EXPECT_EQ(run.tests.at(0).failure, "");
  EXPECT_EQ(read("folder"), "its own\n");
  EXPECT_EQ(read("names"), "LOADLAB_DIR\nLOADLAB_SUITE_DIR\nLOADLAB_TARGET\nLOADLAB_TEST\n") << "each once";
}

TEST_F(Around, what_was_started_is_what_the_resources_are_read_of) {
  const RunResult run =
      play("    start: [{run: sleep 100, ready: {run: sleep 0.2}}, {run: sleep 101, watch: false}]\n");
  EXPECT_THAT(run.tests.at(0).resources.target, HasSubstr("sleep (pid "));
  EXPECT_EQ(run.tests.at(0).resources.threads, 1.0);
}

TEST_F(Around, a_command_before_that_fails_is_an_error_that_shows_what_it_printed) {
  const RunResult run = play(R"(
    before: ['echo one; echo two >&2; exit 3', 'touch $OUT/never']
    after: ['touch $OUT/after']
)");
  EXPECT_EQ(run.tests.at(0).verdict, Verdict::error);
  EXPECT_EQ(run.tests.at(0).failure,
            "before: the command 'echo one; echo two >&2; exit 3' exited with 3. The last it printed:\none\ntwo");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "never"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "after"));
  EXPECT_EQ(responder_.requests("GET /"), 0u);
}

TEST_F(Around, a_command_that_takes_too_long_is_ended_with_all_it_started) {
  const RunResult run = play(R"(
    before: [{run: 'sleep 100 & echo $! > $OUT/pid; wait', within: 300ms}]
)");
  EXPECT_THAT(run.tests.at(0).failure, HasSubstr("was still running after 0.3 s"));
  EXPECT_TRUE(is_gone("pid"));
}

TEST_F(Around, what_a_command_leaves_in_the_background_lives_until_the_tests_end) {
  const RunResult run = play(R"(
    before: ['sleep 100 & echo $! > $OUT/pid']
    verify: [{name: it lives, run: 'kill -0 $(cat $OUT/pid)'}]
)");
  EXPECT_EQ(run.tests.at(0).failure, "");
  EXPECT_TRUE(run.tests.at(0).verifications.at(0).passed);
  EXPECT_TRUE(is_gone("pid"));
}

TEST_F(Around, a_process_that_is_not_ready_in_time_is_an_error) {
  const RunResult run = play(R"(
    start: [{run: 'echo $$ > $OUT/pid; echo I am slow; exec sleep 100', ready: {run: "false", within: 300ms}}]
)");
  EXPECT_EQ(run.tests.at(0).failure, "start: 'process' was not ready within 0.3 s. The last it printed:\nI am slow");
  EXPECT_TRUE(is_gone("pid"));
}

// A server on a port of its own, and who waits for it.
constexpr const char* kOwnServer =
    "{run: exec python3 $OUT/server.py $(own) 2, name: server, ready: GET http://127.0.0.1:$(own)/ready}";
constexpr const char* kWaits = "{run: sleep 100, name: waits, ready: GET http://127.0.0.1:$(own)/again}";

TEST_F(Around, readiness_is_asked_until_it_says_so) {
  const RunResult run = play(fmt::format("    ports: [own]\n    start: [{}]\n", kOwnServer));
  EXPECT_EQ(run.tests.at(0).failure, "");
  EXPECT_EQ(read("asked"), "/ready\n/ready\n/ready\n");
}

TEST_F(Around, who_listened_before_anything_was_started_is_not_what_was_started) {
  const std::string start = "start: [{run: 'touch $OUT/started; exec sleep 100', name: shop, ready: GET /ready}]\n";
  const std::string said =
      fmt::format("start: 'shop' was not started: another process listens on port {} already", responder_.port());
  const RunResult run = play("    " + start);
  EXPECT_EQ(run.tests.at(0).verdict, Verdict::error);
  EXPECT_EQ(run.tests.at(0).failure, said);
  EXPECT_THAT(play("", start).tests.at(0).failure, HasSubstr(said)) << "of a suite too";
  EXPECT_THAT(play("    " + start, "before: ['true']").tests.at(0).failure, HasSubstr(said))
      << "before anything of the suite";
  EXPECT_EQ(responder_.requests(), 0u);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "started"));
}

TEST_F(Around, what_the_test_or_its_suite_has_opened_before_may_be_waited_for) {
  const RunResult of_test = play(fmt::format("    ports: [own]\n    start: [{}, {}]\n", kOwnServer, kWaits));
  EXPECT_EQ(of_test.tests.at(0).failure, "");
  const RunResult of_suite =
      play(fmt::format("    start: [{}]\n", kWaits), fmt::format("ports: [own]\nstart: [{}]\n", kOwnServer));
  EXPECT_EQ(of_suite.tests.at(0).failure, "");
  const std::string background =
      fmt::format("    ports: [own]\n    before: ['python3 $OUT/server.py $(own) 0 &']\n    start: [{}]\n", kWaits);
  EXPECT_EQ(play(background).tests.at(0).failure, "");
}

TEST_F(Around, a_process_that_dies_within_the_load_is_an_error_unless_it_may) {
  const RunResult run = play("    start: [{run: 'echo help; sleep 0.3; exit 7', name: victim}]\n");
  EXPECT_EQ(run.tests.at(0).verdict, Verdict::error);
  EXPECT_EQ(run.tests.at(0).failure,
            "The process 'victim', which was started for it, exited with 7. The last it printed:\nhelp");
  EXPECT_GT(run.tests.at(0).total.requests, 0u) << "what was seen until then is kept";
  EXPECT_EQ(play("    start: [{run: 'sleep 0.3; exit 7', may_die: true}]\n").tests.at(0).failure, "");
}

TEST_F(Around, a_verification_decides_by_its_exit_code) {
  const RunResult run = play(R"(
    verify: [{name: sums, run: 'echo counted; echo 3 are lost; exit 1'}, {name: known, run: exit 1, severity: warn}]
)");
  const TestResult& test = run.tests.at(0);
  EXPECT_NE(test.verdict, Verdict::pass);
  EXPECT_NE(test.verdict, Verdict::error);
  ASSERT_EQ(test.verifications.size(), 2u);
  EXPECT_FALSE(test.verifications[0].passed);
  EXPECT_EQ(test.verifications[0].observed, "3 are lost");
  EXPECT_TRUE(test.verifications[1].warn_only);
  const RunResult unsure = play("    verify: [{name: sums, run: exit 2}]\n");
  EXPECT_EQ(unsure.tests.at(0).verdict, Verdict::error);
  EXPECT_THAT(unsure.tests.at(0).failure, HasSubstr("verify 'sums': the command 'exit 2' exited with 2"));
}

TEST_F(Around, a_command_in_mid_load_that_fails_is_an_error) {
  const RunResult run = play("    at: [{time: 100ms, run: 'echo no; exit 4', name: fault}]\n");
  EXPECT_EQ(run.tests.at(0).verdict, Verdict::error);
  EXPECT_EQ(run.tests.at(0).failure, "at 0.1 s: the command 'echo no; exit 4' exited with 4. The last it printed:\nno");
  EXPECT_TRUE(run.tests.at(0).events.at(0).failed);
}

TEST_F(Around, a_point_that_can_not_be_carried_out_ends_its_sweep) {
  const RunResult run = play(R"(
    sweep: {n: [1, 2, 3]}
    repeat: 3
    before: ['echo $(n) >> $OUT/played; test $(wc -l < $OUT/played) -lt 3']
)");
  const TestResult& test = run.tests.at(0);
  EXPECT_EQ(test.verdict, Verdict::error);
  EXPECT_THAT(test.failure, HasSubstr("before: the command"));
  const std::string played = read("played");
  EXPECT_EQ(std::count(played.begin(), played.end(), '\n'), 3);
  EXPECT_THAT(test.notes, ElementsAre("The sweep ended with that: 6 of its 9 plays were left out."));
  EXPECT_EQ(test.sweep->points.at(0).runs + test.sweep->points.at(1).runs + test.sweep->points.at(2).runs, 2);
}

TEST_F(Around, an_interrupt_leaves_no_process_and_still_cleans_up) {
  observer_.stop_at_first_second = true;
  const RunResult run = play(R"(
    duration: 50s
    start: [{run: 'echo $$ > $OUT/pid; exec sleep 100'}]
    at: [{time: 100ms, run: 'echo $$ > $OUT/at; exec sleep 100'}]
    verify: [{name: never, run: touch $OUT/never}]
    after: ['touch $OUT/after']
)");
  EXPECT_TRUE(run.interrupted);
  EXPECT_TRUE(is_gone("pid"));
  EXPECT_TRUE(is_gone("at"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "never"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "after"));
}

TEST_F(Around, a_suite_is_set_up_once_around_its_tests) {
  const RunResult run = play(
      "    verify: [{name: told, run: 'kill -0 $LOADLAB_STARTED_COMMON && test -d $LOADLAB_SUITE_DIR'}]\n"
      "  - {name: other, users: 1, duration: 200ms, steps: [GET /]}\n",
      "before: [echo before >> $OUT/log]\nstart: [{run: sleep 100, name: common}]\n"
      "after: [echo after >> $OUT/log, exit 5]");
  EXPECT_EQ(run.tests.size(), 2u);
  EXPECT_TRUE(run.tests.at(0).verifications.at(0).passed);
  EXPECT_EQ(read("log"), "before\nafter\n");
  EXPECT_THAT(run.notes, ElementsAre("after: the command 'exit 5' exited with 5 and printed nothing"));
}

TEST_F(Around, without_what_a_suite_needs_no_test_is_played) {
  const RunResult run = play("", "before: [exit 1]");
  EXPECT_EQ(run.verdict, Verdict::error);
  EXPECT_THAT(run.tests.at(0).failure, HasSubstr("What the suite needs could not be set up. before: the command"));
  EXPECT_EQ(responder_.requests("GET /"), 0u);
}

}  // namespace
}  // namespace loadlab
