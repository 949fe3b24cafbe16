#include "loadlab/history/history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/random.h"
#include "io/sqlite.h"
#include "loadlab/history/history_folder_test.h"
#include "loadlab/history/step_block.h"
#include "stats/histogram_log.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Block second(int begin, std::uint64_t requests, base::Nanoseconds response = 2ms) {
  Block block;
  block.begin_seconds = begin;
  block.end_seconds = begin + 1;
  block.requests = requests;
  block.users = 5;
  block.cpu = 10.0 * begin;
  stats::Histogram times(3);
  times.record(static_cast<std::uint64_t>(response.count()), requests);
  block.response = stats::encode_histogram(times);
  return block;
}

TestResult test_result(const std::string& name, double p95_ms = 2) {
  TestResult test;
  test.name = name;
  test.load = "5 users";
  test.target = "http://127.0.0.1:1";
  test.seconds = 12;
  test.warm_up_seconds = 2;
  test.total.requests = 100;
  test.total.failed = 1;
  test.total.timings.response.record(static_cast<std::uint64_t>(p95_ms * 1e6), 100);
  test.steps.push_back({"GET /", test.total});
  test.resources.avg_cpu_percent = 12.5;
  test.verdict = Verdict::fail;
  return test;
}

class HistoryTest : public HistoryFolder {
 protected:
  RunHead head(const std::string& suite = "shop") const {
    RunHead head;
    head.suite = suite;
    head.version = "0.1";
    head.commit = "abc";
    head.plan = "target: http://…\n";
    head.started = clock_.utc();
    head.machine = {"here", "EPYC", 2, 16'000, "Linux 6.1.0"};
    return head;
  }
  // A whole run of one test.
  std::int64_t keep(History& history, const std::string& suite, double p95_ms) {
    const auto id = history.begin_run(head(suite)).value();
    EXPECT_TRUE(history.end_test(id, 0, test_result("normal", p95_ms)));
    RunResult result;
    result.verdict = Verdict::pass;
    EXPECT_TRUE(history.end_run(id, result, "{}"));
    return id;
  }
};

TEST_F(HistoryTest, keeps_a_run_with_its_seconds_figures_and_summary) {
  std::int64_t id = 0;
  {
    History history = open();
    id = history.begin_run(head()).value();
    ASSERT_TRUE(history.begin_test(id, 0, "normal"));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(history.add_second(id, 0, second(i, 7)));
    ASSERT_TRUE(history.end_test(id, 0, test_result("normal")));
    RunResult result;
    result.verdict = Verdict::fail;
    ASSERT_TRUE(history.end_run(id, result, "{\"verdict\": \"fail\"}\n"));
  }
  History history = open();
  const auto run = history.run(id, true).value();
  ASSERT_TRUE(run);
  EXPECT_EQ(run->state, RunState::ended);
  EXPECT_EQ(run->verdict, Verdict::fail);
  EXPECT_EQ(run->suite, "shop");
  EXPECT_EQ(run->commit, "abc");
  EXPECT_EQ(run->plan, "target: http://…\n");
  EXPECT_EQ(run->started, clock_.utc());
  EXPECT_EQ(run->machine.cores, 2);
  ASSERT_EQ(run->tests.size(), 1u);
  const TestRecord& test = run->tests[0];
  EXPECT_TRUE(test.ended);
  EXPECT_EQ(test.verdict, Verdict::fail);
  EXPECT_EQ(test.warm_up_seconds, 2);
  EXPECT_EQ(test.figure("requests_per_second"), 10) << "without the warm-up";
  EXPECT_EQ(test.figure("error_rate_percent"), 1);
  EXPECT_NEAR(test.figure("p95_response_time_ms", "GET /").value(), 2, 0.01);
  EXPECT_EQ(test.figure("avg_cpu_percent"), 12.5);
  EXPECT_EQ(test.figure("nothing"), std::nullopt);
  ASSERT_EQ(test.blocks.size(), 3u);
  EXPECT_EQ(test.blocks[2].begin_seconds, 2);
  EXPECT_EQ(test.blocks[2].cpu, 20);
  EXPECT_EQ(test.blocks[2].memory, std::nullopt);
  EXPECT_EQ(stats::decode_histogram(test.blocks[2].response)->count(), 7u);
  EXPECT_EQ(history.summary(id).value(), "{\"verdict\": \"fail\"}\n");
  EXPECT_EQ(history.run(99, false).value(), std::nullopt);
}

TEST_F(HistoryTest, what_is_trusted_for_its_own_bounds_alone_is_told_from_the_rest) {
  History history = open();
  const auto id = history.begin_run(head()).value();
  TestResult disturbed = test_result("disturbed");
  disturbed.trust.allowed_steal_percent = 7.5;
  ASSERT_TRUE(history.end_test(id, 0, disturbed));
  ASSERT_TRUE(history.end_test(id, 1, test_result("calm")));
  const auto run = history.runs({}).value().at(0);
  EXPECT_EQ(run.tests[0].allowed_steal, 7.5);
  EXPECT_EQ(run.tests[1].allowed_steal, std::nullopt);
}

TEST_F(HistoryTest, of_a_test_that_is_played_again_the_last_time_is_kept) {
  History history = open();
  const auto id = history.begin_run(head()).value();
  ASSERT_TRUE(history.end_test(id, 0, test_result("before")));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(history.add_second(id, 1, second(i, 7)));
  ASSERT_TRUE(history.end_test(id, 1, test_result("normal", 9)));
  ASSERT_TRUE(history.forget_test(id, 1));
  ASSERT_TRUE(history.begin_test(id, 1, "normal"));
  ASSERT_TRUE(history.add_second(id, 1, second(0, 5)));
  ASSERT_TRUE(history.end_test(id, 1, test_result("normal", 2)));
  const auto run = history.run(id, true).value();
  ASSERT_EQ(run->tests.size(), 2u);
  EXPECT_EQ(run->tests[0].name, "before");
  ASSERT_EQ(run->tests[1].blocks.size(), 1u);
  EXPECT_EQ(stats::decode_histogram(run->tests[1].blocks[0].response)->count(), 5u);
  EXPECT_NEAR(run->tests[1].figure("p95_response_time_ms", "GET /").value(), 2, 0.01);
}

TEST_F(HistoryTest, seconds_of_a_long_test_are_merged_and_none_is_lost) {
  History history = open();
  const auto id = history.begin_run(head()).value();
  ASSERT_TRUE(history.begin_test(id, 0, "soak"));
  const int seconds = static_cast<int>(History::kMostBlocks) + 500;
  for (int i = 0; i < seconds; ++i) ASSERT_TRUE(history.add_second(id, 0, second(i, 2)));
  const auto blocks = history.run(id, true).value()->tests[0].blocks;
  EXPECT_LE(blocks.size(), History::kMostBlocks);
  double end = 0;
  std::uint64_t requests = 0;
  std::uint64_t timed = 0;
  for (const Block& block : blocks) {
    EXPECT_EQ(block.begin_seconds, end) << "without a gap";
    end = block.end_seconds;
    requests += block.requests;
    timed += stats::decode_histogram(block.response)->count();
  }
  EXPECT_EQ(end, seconds);
  EXPECT_EQ(requests, 2u * static_cast<unsigned>(seconds));
  EXPECT_EQ(timed, requests);
  EXPECT_EQ(blocks[0].cpu, 5) << "the mean of 0 and 10";
}

TEST_F(HistoryTest, lists_the_newest_runs_first_and_by_suite) {
  History history = open();
  for (const char* suite : {"shop", "bank", "shop", "shop"}) keep(history, suite, 2);
  const auto ids = [&](const History::Filter& filter) {
    std::vector<std::int64_t> found;
    const auto runs = history.runs(filter).value();
    for (const RunRecord& run : runs) found.push_back(run.id);
    return found;
  };
  EXPECT_THAT(ids({}), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(ids({"shop", 2, 0}), ElementsAre(4, 3));
  EXPECT_THAT(ids({"shop", 2, 3}), ElementsAre(1));
  EXPECT_EQ(history.runs({}).value()[0].tests.at(0).name, "normal");
}

TEST_F(HistoryTest, a_figure_of_several_runs_is_read_at_once) {
  History history = open();
  for (const double p95 : {2.0, 3.0, 4.0}) keep(history, "shop", p95);
  const std::vector<History::Place> places{{3, 0}, {1, 0}, {1, 1}, {9, 0}};
  const auto values = history.values(places, {"GET /", "p95_response_time_ms", 0}).value();
  ASSERT_EQ(values.size(), 4u);
  EXPECT_NEAR(values[0].value(), 4, 0.01);
  EXPECT_NEAR(values[1].value(), 2, 0.01);
  EXPECT_EQ(values[2], std::nullopt) << "there is no such test";
  EXPECT_EQ(values[3], std::nullopt) << "nor such a run";
  EXPECT_EQ(history.values(places, {"GET /", "nothing", 0}).value()[0], std::nullopt);
}

TEST_F(HistoryTest, tells_how_far_a_run_has_come) {
  History history = open();
  EXPECT_EQ(history.progress(1).value(), std::nullopt);
  const auto id = history.begin_run(head()).value();
  EXPECT_TRUE(history.progress(id).value()->tests.empty());
  ASSERT_TRUE(history.end_test(id, 0, test_result("before")));
  ASSERT_TRUE(history.begin_test(id, 1, "normal"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(history.add_second(id, 1, second(i, 7)));
  const auto progress = history.progress(id).value().value();
  EXPECT_EQ(progress.state, RunState::playing);
  ASSERT_EQ(progress.tests.size(), 2u);
  EXPECT_TRUE(progress.tests[0].ended);
  EXPECT_EQ(progress.tests[1].number, 1u);
  EXPECT_FALSE(progress.tests[1].ended);
  EXPECT_EQ(progress.tests[1].blocks, 3u);
  EXPECT_EQ(progress.tests[1].figures, 0u);
  const auto blocks = history.blocks(id, 1, 2).value();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].begin_seconds, 2);
  EXPECT_TRUE(history.blocks(id, 1, 3).value().empty());
}

TEST_F(HistoryTest, a_summary_comes_back_to_the_letter_and_one_that_is_too_long_is_left_out) {
  History history = open();
  std::string series = "{\"series\": [";
  for (int i = 0; i < 20'000; ++i) series += fmt::format("{{\"second\": {}, \"users\": 50}}, ", i);
  base::Random random(1);
  std::string noise(History::kMostSummary + 100'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random.below(256));
  RunResult result;
  const auto first = history.begin_run(head()).value();
  ASSERT_TRUE(history.end_run(first, result, series));
  const auto second = history.begin_run(head()).value();
  ASSERT_TRUE(history.end_run(second, result, noise));
  EXPECT_EQ(history.summary(first).value(), series);
  EXPECT_EQ(history.summary(second).value(), "");
  EXPECT_EQ(history.run(second, false).value()->state, RunState::ended);
  auto file = io::Sqlite::open(path(), io::Sqlite::Mode::read_only, 100).value();
  EXPECT_LT(file.integer("SELECT length(packed) FROM summary WHERE run = 1").value(), series.size() / 5);
}

TEST_F(HistoryTest, a_run_is_compared_with_its_like) {
  History history = open();
  for (const char* suite : {"shop", "bank", "shop", "shop"}) keep(history, suite, 2);
  RunResult untrusted;
  untrusted.verdict = Verdict::untrusted;
  const auto bad = history.begin_run(head()).value();
  ASSERT_TRUE(history.end_run(bad, untrusted, "{}"));
  RunHead elsewhere = head();
  elsewhere.machine.cores = 64;
  RunResult good;
  ASSERT_TRUE(history.end_run(history.begin_run(elsewhere).value(), good, "{}"));
  ASSERT_TRUE(history.begin_run(head()));  // has not ended
  const auto last = keep(history, "shop", 2);
  const auto ids = [&](std::size_t count) {
    std::vector<std::int64_t> found;
    const auto baseline = history.comparable(*history.run(last, false).value(), count).value();
    for (const RunRecord& run : baseline.runs) found.push_back(run.id);
    return found;
  };
  EXPECT_THAT(ids(9), ElementsAre(4, 3, 1));
  EXPECT_THAT(ids(2), ElementsAre(4, 3));
}

TEST_F(HistoryTest, a_run_that_nobody_plays_any_more_was_killed) {
  History history = open();
  const auto id = history.begin_run(head()).value();
  ASSERT_TRUE(history.begin_test(id, 0, "normal"));
  clock_.advance(History::kSilence - 1s);
  ASSERT_TRUE(history.add_second(id, 0, second(0, 1)));
  clock_.advance(History::kSilence - 1s);
  EXPECT_EQ(history.run(id, false).value()->state, RunState::playing) << "a second ago somebody did";
  clock_.advance(2s);
  EXPECT_EQ(history.run(id, false).value()->state, RunState::killed);
  EXPECT_FALSE(history.run(id, false).value()->tests[0].ended);
}

TEST_F(HistoryTest, a_run_is_played_as_long_as_somebody_says_so) {
  History history = open();
  const auto id = history.begin_run(head()).value();
  for (int i = 0; i < 3; ++i) {
    clock_.advance(History::kSilence - 1s);
    ASSERT_TRUE(history.see(id));
  }
  EXPECT_EQ(history.run(id, false).value()->state, RunState::playing);
  EXPECT_EQ(history.progress(id).value()->state, RunState::playing);
  clock_.advance(History::kSilence + 1s);
  EXPECT_EQ(history.progress(id).value()->state, RunState::killed);
  ASSERT_TRUE(history.end_run(id, RunResult{}, "{}"));
  EXPECT_EQ(history.progress(id).value()->state, RunState::ended);
}

// Each time a little later within what is written.
TEST_F(HistoryTest, a_process_that_is_killed_at_any_moment_leaves_a_history_that_opens) {
  for (int after_us = 0; after_us < 20'000; after_us += 1'000) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      History history = open();
      const auto id = history.begin_run(head()).value();
      static_cast<void>(history.begin_test(id, 0, "normal"));
      for (int i = 0;; ++i) static_cast<void>(history.add_second(id, 0, second(i, 3)));
    }
    ::usleep(static_cast<useconds_t>(after_us));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    auto history = History::open(path(), clock_);
    ASSERT_TRUE(history) << history.error().message;
    auto connection = io::Sqlite::open(path(), io::Sqlite::Mode::read_only, 1000).value();
    EXPECT_EQ(connection.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").value(),
              0);
    keep(*history, "shop", 2);
  }
  const auto runs = open().runs({"shop", 100, 0}).value();
  EXPECT_EQ(std::count_if(runs.begin(), runs.end(), [](const RunRecord& run) { return run.state == RunState::ended; }),
            20);
}

TEST_F(HistoryTest, a_sweep_that_is_killed_keeps_the_points_it_had_played) {
  History history = open();
  const auto id = history.begin_run(head()).value();
  ASSERT_TRUE(history.begin_test(id, 0, "workers"));
  SweepPointResult point{"workers=4", {{"workers", "4"}}, 1, {{"requests_per_second", "/s", {90}}}};
  ASSERT_TRUE(history.add_point(id, 0, point));
  point.figures[0].values.push_back(110);
  ASSERT_TRUE(history.add_point(id, 0, point));
  EXPECT_EQ(history.progress(id).value()->tests[0].figures, 3u);
  clock_.advance(History::kSilence + 1s);
  const auto test = history.run(id, false).value()->tests.at(0);
  EXPECT_FALSE(test.ended);
  EXPECT_EQ(test.figure("requests_per_second", "workers=4"), 100);
  EXPECT_THAT(samples_of(test, {"workers=4", "requests_per_second", 0}), ElementsAre(90, 110));
}

TEST_F(HistoryTest, keeps_what_a_load_was_and_its_seconds_by_step) {
  History history = open();
  RunHead run = head();
  run.variables = "users=5";
  const auto id = history.begin_run(run).value();
  ASSERT_TRUE(history.begin_test(id, 0, "normal", "1:abc"));
  Block block = second(0, 7);
  block.steps = encode_steps(std::vector<StepBlock>{{"GET /", 7, 1, block.response}});
  ASSERT_TRUE(history.add_second(id, 0, block));
  ASSERT_TRUE(history.end_test(id, 0, test_result("normal")));
  const auto read = history.run(id, true).value().value();
  EXPECT_EQ(read.variables, "users=5");
  EXPECT_EQ(read.tests.at(0).load_digest, "1:abc");
  const auto steps = decode_steps(read.tests.at(0).blocks.at(0).steps).value();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].errors, 1u);
  EXPECT_EQ(history.runs({}).value().at(0).variables, "users=5");
}

// One run of `a`, five of `b` alone, then `a` again.
TEST_F(HistoryTest, a_test_is_compared_with_the_runs_that_had_it) {
  History history = open();
  const auto play = [&](const std::string& name) {
    const auto id = history.begin_run(head()).value();
    EXPECT_TRUE(history.end_test(id, 0, test_result(name)));
    EXPECT_TRUE(history.end_run(id, RunResult{}, "{}"));
    return id;
  };
  const auto first = play("a");
  for (int i = 0; i < 5; ++i) play("b");
  const auto baseline = history.comparable(*history.run(play("a"), true).value(), 5).value();
  ASSERT_EQ(baseline.runs.size(), 1u);
  EXPECT_EQ(baseline.runs[0].id, first);
  ASSERT_EQ(baseline.passed_over.size(), 1u);
  EXPECT_EQ(baseline.passed_over[0].why, "'b' of run 6 was not played in run 7");
}

TEST_F(HistoryTest, a_benchmark_and_a_sweep_keep_their_repetitions) {
  TestResult benchmark;
  benchmark.name = "parts";
  benchmark.kind = TestKind::benchmark;
  benchmark.benchmarks = {{"BM_a", {{"cpu_time", "ms", {}}, {"rows", "", {7}}}, ""}};
  for (int i = 0; i < 12; ++i) benchmark.benchmarks[0].figures[0].values.push_back(i);
  TestResult sweep;
  sweep.name = "workers";
  sweep.kind = TestKind::sweep;
  sweep.sweep.emplace();
  sweep.sweep->points = {{"workers=4", {{"workers", "4"}}, 2, {{"requests_per_second", "/s", {90, 110}}}}};
  History history = open();
  const auto run = history.begin_run(head()).value();
  ASSERT_TRUE(history.begin_test(run, 0, "parts"));
  ASSERT_TRUE(history.end_test(run, 0, benchmark));
  ASSERT_TRUE(history.begin_test(run, 1, "workers"));
  ASSERT_TRUE(history.end_test(run, 1, sweep));
  const auto read = history.run(run, false).value().value();
  EXPECT_EQ(read.tests.at(0).figure("cpu_time_ms", "BM_a"), 5.5);
  EXPECT_THAT(samples_of(read.tests[0], {"BM_a", "cpu_time_ms", 0}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_EQ(read.tests.at(0).figure("requests_per_second"), std::nullopt) << "it had no load";
  EXPECT_EQ(read.tests.at(1).figure("requests_per_second", "workers=4"), 100);
  EXPECT_THAT(samples_of(read.tests[1], {"workers=4", "requests_per_second", 0}), ElementsAre(90, 110));
}

}  // namespace
}  // namespace loadlab
