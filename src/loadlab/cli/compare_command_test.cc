#include "loadlab/cli/compare_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>

namespace loadlab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CompareCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/compare_XXXXXX";
    folder_ = ::mkdtemp(folder);
    path_ = folder_ + "/runs.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A sweep of one point, repeated three times, as it is the shortest test that can be compared.
  static TestResult sweep(const std::string& name, double error_rate, const std::string& load) {
    TestResult test;
    test.name = name;
    test.kind = TestKind::sweep;
    test.load = load;
    test.sweep.emplace();
    test.sweep->points = {
        {"w=1", {{"w", "1"}}, 3, {{"error_rate_percent", "%", {error_rate, error_rate, error_rate}}}}};
    return test;
  }
  std::int64_t begin(const std::string& suite, const base::Clock& clock) {
    RunHead head;
    head.suite = suite;
    head.started = clock.utc();
    return History::open(path_, clock).value().begin_run(head).value();
  }
  std::int64_t play(const std::string& suite, const std::string& test, double error_rate,
                    const std::string& load = "2 users") {
    const auto id = begin(suite, clock_);
    History history = History::open(path_, clock_).value();
    EXPECT_TRUE(history.end_test(id, 0, sweep(test, error_rate, load)));
    EXPECT_TRUE(history.end_run(id, RunResult{}, "{}"));
    return id;
  }

  struct Said {
    ExitCode code;
    std::string out;
    std::string err;
  };
  Said say(CompareCommand::Kind kind, std::vector<std::string> arguments = {}) {
    CLI::App app;
    CompareCommand command(app, kind);
    arguments.insert(arguments.begin(), {kind == CompareCommand::Kind::gate ? "gate" : "compare", "--history", path_});
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const ExitCode code = command.run();
    std::string out = ::testing::internal::GetCapturedStdout();
    return {code, std::move(out), ::testing::internal::GetCapturedStderr()};
  }
  Said gate(std::vector<std::string> arguments = {}) { return say(CompareCommand::Kind::gate, std::move(arguments)); }
  Said compare(std::vector<std::string> arguments = {}) {
    return say(CompareCommand::Kind::compare, std::move(arguments));
  }

  std::string folder_;
  std::string path_;
  base::SystemClock clock_;
};

TEST_F(CompareCommandTest, a_gate_fails_on_errors_that_every_repetition_has) {
  play("shop", "a", 0);
  play("shop", "a", 100);
  const Said said = gate();
  EXPECT_EQ(said.code, ExitCode::fail) << said.err;
  EXPECT_THAT(said.out, HasSubstr("worse"));
}

TEST_F(CompareCommandTest, a_gate_judges_a_test_by_the_runs_that_had_it) {
  play("shop", "a", 0);
  for (int i = 0; i < 5; ++i) play("shop", "b", 0);
  play("shop", "a", 100);
  const Said said = gate();
  EXPECT_EQ(said.code, ExitCode::fail) << said.out << said.err;
  EXPECT_THAT(said.out, HasSubstr("against run 1\n"));
  EXPECT_THAT(said.out, HasSubstr("note: 'b' of run 6 was not played in run 7"));
}

TEST_F(CompareCommandTest, another_load_is_no_baseline_unless_it_is_named) {
  play("shop", "a", 0, "1 user");
  play("shop", "a", 100, "2 users");
  const Said said = gate();
  EXPECT_EQ(said.code, ExitCode::pass);
  EXPECT_THAT(said.out, HasSubstr("'a' of run 1 is passed over: it had 1 user, and run 2 has 2 users"));
  EXPECT_THAT(said.err, HasSubstr("NOTHING WAS JUDGED"));
  const Said named = gate({"--base", "1"});
  EXPECT_EQ(named.code, ExitCode::fail);
  EXPECT_THAT(named.out, HasSubstr("'a' of run 1 was another load"));
}

TEST_F(CompareCommandTest, without_anything_to_compare_with_a_program_gets_its_object_all_the_same) {
  play("shop", "a", 0);
  for (const Said& said : {gate({"--json"}), compare({"--json"})}) {
    EXPECT_EQ(said.code, ExitCode::pass);
    const auto json = boost::json::parse(said.out);
    EXPECT_EQ(json.at("schema"), "loadlab.comparison/1");
    EXPECT_EQ(json.at("run"), 1);
    EXPECT_TRUE(json.at("earlier").as_array().empty());
    EXPECT_TRUE(json.at("figures").as_array().empty());
    EXPECT_THAT(said.err, HasSubstr("nothing to be compared with"));
  }
}

TEST_F(CompareCommandTest, the_last_run_is_the_last_of_its_suite_that_nobody_plays) {
  play("shop", "a", 0);
  play("shop", "a", 100);
  play("bank", "a", 0);
  begin("bank", clock_);
  const Said any = compare();
  EXPECT_THAT(any.err, HasSubstr("run 4 is being played; it is passed over"));
  EXPECT_THAT(any.err, HasSubstr("run 3 has nothing to be compared with"));
  EXPECT_EQ(gate().code, ExitCode::pass) << "of another suite";
  EXPECT_EQ(gate({"--suite", "shop"}).code, ExitCode::fail);
  const Said none = gate({"--suite", "mill"});
  EXPECT_EQ(none.code, ExitCode::error);
  EXPECT_THAT(none.err, HasSubstr("no run of 'mill' that has ended"));
  EXPECT_THROW(gate({"2", "--suite", "shop"}), CLI::ParseError);
}

TEST_F(CompareCommandTest, a_run_that_was_killed_is_not_passed_over) {
  play("shop", "a", 0);
  play("shop", "a", 0);
  const base::FakeClock long_ago{base::UtcTime(std::chrono::hours(490'000))};
  begin("shop", long_ago);
  const Said said = gate();
  EXPECT_EQ(said.code, ExitCode::error);
  EXPECT_THAT(said.err, HasSubstr("run 3 was not carried out"));
  EXPECT_THAT(said.out, IsEmpty());
}

TEST_F(CompareCommandTest, a_tolerance_is_a_number) {
  play("shop", "a", 0);
  for (const char* tolerance : {"nan", "-nan", "inf", "-1", "101", "x"})
    EXPECT_THROW(compare({"--tolerance", tolerance}), CLI::ParseError) << tolerance;
  EXPECT_EQ(compare({"--tolerance", "2.5"}).code, ExitCode::pass);
}

}  // namespace
}  // namespace loadlab
