#include "loadlab/cli/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>

#include "stats/histogram_log.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/pages_XXXXXX";
    folder_ = ::mkdtemp(folder);
    writer_.emplace(History::open(folder_ + "/runs.db", clock_).value());
    pages_.emplace(History::open(folder_ + "/runs.db", clock_).value());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::int64_t begin() {
    RunHead head;
    head.suite = "shop & co";
    head.started = clock_.utc();
    head.machine = machine_;
    const auto id = writer_->begin_run(head).value();
    EXPECT_TRUE(writer_->begin_test(id, 0, "normal"));
    return id;
  }
  void second(std::int64_t id, int begin) {
    Block block;
    block.begin_seconds = begin;
    block.end_seconds = begin + 1;
    block.requests = 4;
    stats::Histogram times(3);
    times.record(2'000'000, 4);
    block.response = stats::encode_histogram(times);
    ASSERT_TRUE(writer_->add_second(id, 0, block));
  }
  void end(std::int64_t id) {
    TestResult test;
    test.name = "normal";
    test.seconds = 2;
    test.total.requests = 8;
    test.total.timings.response.record(2'000'000, 8);
    ASSERT_TRUE(writer_->end_test(id, 0, test));
    ASSERT_TRUE(writer_->end_run(id, RunResult{}, "{}"));
  }
  boost::json::value ask(const std::string& target, int status = 200) { return ask(*pages_, target, status); }
  static boost::json::value ask(Pages& pages, const std::string& target, int status) {
    const PageAnswer answer = pages.answer(target);
    EXPECT_EQ(answer.status, status) << target << answer.body;
    return boost::json::parse(answer.body);
  }

  std::string folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(490'000))};
  Machine machine_;
  std::optional<History> writer_;
  std::optional<Pages> pages_;
  WholeRun last_;
};

TEST_F(PagesTest, lists_runs_and_shows_one_with_its_seconds) {
  const auto id = begin();
  second(id, 0);
  second(id, 1);
  end(id);
  EXPECT_EQ(ask("/api/runs").at_pointer("/runs/0/run"), id);
  EXPECT_EQ(ask("/api/runs?suite=shop%20%26+co&limit=1").at_pointer("/runs/0/suite"), "shop & co");
  EXPECT_TRUE(ask("/api/runs?suite=bank").at("runs").as_array().empty());
  const auto run = ask("/api/runs/1");
  EXPECT_EQ(run.at("state"), "pass");
  EXPECT_EQ(run.at_pointer("/tests/0/blocks/1/begin").to_number<double>(), 1);
  EXPECT_EQ(run.at_pointer("/tests/0/blocks/1/requests_per_second").to_number<double>(), 4);
  EXPECT_NEAR(run.at_pointer("/tests/0/blocks/1/p95_response_time_ms").to_number<double>(), 2, 0.01);
  EXPECT_TRUE(run.at_pointer("/tests/0/blocks/1/cpu_percent").is_null());
}

TEST_F(PagesTest, has_the_trend_of_each_figure_and_the_comparison_with_what_was_before) {
  for (int i = 0; i < 3; ++i) {
    const auto id = begin();
    second(id, 0);
    end(id);
  }
  begin();  // is being played
  const auto trends = ask("/api/trends?suite=shop+%26+co");
  EXPECT_EQ(trends.at("tests").as_array().size(), 1u);
  EXPECT_EQ(trends.at_pointer("/tests/0/name"), "normal");
  EXPECT_EQ(trends.at_pointer("/tests/0/figures/0/points").as_array().size(), 3u);
  EXPECT_EQ(ask("/api/runs/3/comparison").at("earlier").as_array().size(), 2u);
  EXPECT_TRUE(ask("/api/trends?suite=none").at("tests").as_array().empty());
  end(4);
  EXPECT_EQ(ask("/api/trends?suite=shop+%26+co").at_pointer("/tests/0/figures/0/points").as_array().size(), 4u)
      << "what was shown before is no longer all";
}

TEST_F(PagesTest, a_run_says_why_it_failed) {
  const auto id = begin();
  EXPECT_FALSE(ask("/api/runs/1").as_object().contains("reasons")) << "nobody knows yet";
  RunResult run;
  run.verdict = Verdict::fail;
  ASSERT_TRUE(writer_->end_run(
      id, run, R"({"tests": [{"name": "normal", "thresholds": [{"expression": "error_rate < 1%", "severity": "fail",
                  "unit": "%", "bound": 1, "observed": 50, "margin": -49, "passed": false}]}]})"));
  const auto reasons = ask("/api/runs/1").at("reasons");
  ASSERT_EQ(reasons.as_array().size(), 1u);
  EXPECT_EQ(reasons.at(0).at("test"), "normal");
  EXPECT_EQ(reasons.at(0).at("what"), "error_rate < 1%");
  EXPECT_EQ(reasons.at(0).at("margin"), "50 times the limit");
}

TEST_F(PagesTest, what_takes_long_is_given_up_when_it_is_stopped) {
  for (int i = 0; i < 2; ++i) {
    const auto id = begin();
    second(id, 0);
    end(id);
  }
  const std::atomic<bool> stop = true;
  Pages stopped(History::open(folder_ + "/runs.db", clock_).value(), &stop);
  for (const char* target : {"/api/runs/2/comparison", "/api/trends?suite=shop+%26+co"}) {
    ask(stopped, target, 503);
    EXPECT_TRUE(Pages::takes_long(target));
  }
  ask(stopped, "/api/runs/2", 200);
  EXPECT_FALSE(Pages::takes_long("/api/runs/2"));
  EXPECT_FALSE(Pages::takes_long("/"));
}

TEST_F(PagesTest, trends_are_those_of_one_machine) {
  machine_ = {"here", "EPYC", 2, 16'000, "Linux 6.1"};
  for (int i = 0; i < 2; ++i) end(begin());
  machine_.cores = 64;
  end(begin());
  const auto newest = ask("/api/trends?suite=shop+%26+co");
  EXPECT_EQ(newest.at("machine"), "EPYC, 64 cores, 16 GB, Linux 6");
  EXPECT_EQ(newest.at("machines"),
            (boost::json::array{"EPYC, 64 cores, 16 GB, Linux 6", "EPYC, 2 cores, 16 GB, Linux 6"}));
  ASSERT_EQ(newest.at_pointer("/tests/0/figures/0/points").as_array().size(), 1u);
  EXPECT_EQ(newest.at_pointer("/tests/0/figures/0/points/0/run"), 3);
  const auto other = ask("/api/trends?suite=shop+%26+co&machine=EPYC,+2+cores,+16+GB,+Linux+6");
  EXPECT_EQ(other.at_pointer("/tests/0/figures/0/points").as_array().size(), 2u);
  EXPECT_TRUE(ask("/api/trends?suite=shop+%26+co&machine=other").at("tests").as_array().empty());
}

TEST_F(PagesTest, trends_leave_out_what_was_cut_short_or_is_untrusted) {
  const auto play = [&](Verdict test_verdict, bool interrupted) {
    const auto id = begin();
    TestResult test;
    test.name = "normal";
    test.seconds = 2;
    test.verdict = test_verdict;
    RunResult run;
    run.interrupted = interrupted;
    run.verdict = interrupted ? Verdict::error : test_verdict;
    ASSERT_TRUE(writer_->end_test(id, 0, test));
    // Whatever became of another test of the run.
    TestResult other = test;
    other.name = "other";
    other.verdict = Verdict::pass;
    ASSERT_TRUE(writer_->end_test(id, 1, other));
    ASSERT_TRUE(writer_->end_run(id, run, "{}"));
  };
  play(Verdict::pass, false);
  play(Verdict::untrusted, false);
  play(Verdict::error, false);
  play(Verdict::fail, false);
  play(Verdict::pass, true);
  const auto trends = ask("/api/trends?suite=shop+%26+co");
  const auto& points = trends.at_pointer("/tests/0/figures/0/points").as_array();
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].at("run"), 1);
  EXPECT_EQ(points[1].at("run"), 4);
  EXPECT_EQ(trends.at_pointer("/tests/1/figures/0/points").as_array().size(), 4u);
}

TEST_F(PagesTest, a_test_that_the_newest_run_left_out_has_its_trends_still) {
  for (int i = 0; i < 2; ++i) {
    const auto id = begin();
    TestResult test;
    test.name = "other";
    ASSERT_TRUE(writer_->end_test(id, 1, test));
    end(id);
  }
  end(begin());  // --only normal
  const auto trends = ask("/api/trends?suite=shop+%26+co");
  ASSERT_EQ(trends.at("tests").as_array().size(), 2u);
  EXPECT_EQ(trends.at_pointer("/tests/0/name"), "normal");
  EXPECT_EQ(trends.at_pointer("/tests/0/figures/0/points").as_array().size(), 3u);
  EXPECT_EQ(trends.at_pointer("/tests/1/name"), "other");
  EXPECT_EQ(trends.at_pointer("/tests/1/figures/0/points").as_array().size(), 2u);
}

TEST_F(PagesTest, a_benchmark_has_the_trend_of_each_of_its_parts) {
  for (int i = 0; i < 3; ++i) {
    const auto id = begin();
    TestResult test;
    test.name = "normal";
    test.kind = TestKind::benchmark;
    test.benchmarks = {{"BM_a", {{"cpu_time", "ms", {1.0 + i, 2.0 + i, 3.0 + i}}, {"real_time", "ms", {4, 4, 4}}}, ""}};
    ASSERT_TRUE(writer_->end_test(id, 0, test));
    ASSERT_TRUE(writer_->end_run(id, RunResult{}, "{}"));
  }
  const auto trends = ask("/api/trends?suite=shop+%26+co");
  ASSERT_EQ(trends.at_pointer("/tests/0/figures").as_array().size(), 1u);
  EXPECT_EQ(trends.at_pointer("/tests/0/figures/0/name"), "BM_a: cpu_time_ms");
  EXPECT_EQ(trends.at_pointer("/tests/0/figures/0/points/2/value").to_number<double>(), 4);
}

TEST_F(PagesTest, a_trend_says_where_its_level_changed) {
  for (int i = 0; i < 24; ++i) {
    const auto id = begin();
    TestResult test;
    test.name = "normal";
    test.seconds = 2;
    test.total.requests = static_cast<std::uint64_t>((i < 12 ? 100 : 150) + i % 3);
    ASSERT_TRUE(writer_->end_test(id, 0, test));
    ASSERT_TRUE(writer_->end_run(id, RunResult{}, "{}"));
  }
  const auto trends = ask("/api/trends?suite=shop+%26+co");
  EXPECT_EQ(trends.at_pointer("/tests/0/figures/0/name"), "requests_per_second");
  EXPECT_EQ(trends.at_pointer("/tests/0/figures/0/changes"), (boost::json::array{12}));
}

TEST_F(PagesTest, what_is_not_there_is_said_to_be_so) {
  for (const char* target :
       {"/api/runs/7", "/api/runs/x", "/api/runs/-1", "/api/runs/7/comparison", "/nothing", "/api/runs/"})
    EXPECT_TRUE(ask(target, 404).at("message").is_string());
  ask("/api/runs?limit=0", 400);
  ask("/api/runs?before=x", 400);
  EXPECT_THAT(pages_->answer("/").body, HasSubstr("runs.js"));
  EXPECT_THAT(pages_->answer("/plots.js").type, StartsWith("text/javascript"));
}

TEST_F(PagesTest, a_run_that_is_played_is_followed_second_by_second) {
  const auto id = begin();
  second(id, 0);
  LiveRun live(id);
  History history = History::open(folder_ + "/runs.db", clock_).value();
  EXPECT_THAT(live.next(history, last_).value(), StartsWith("event: run\ndata: {"));
  EXPECT_EQ(live.next(history, last_).value(), "") << "nothing new";
  second(id, 1);
  const std::string events = live.next(history, last_).value();
  EXPECT_THAT(events, StartsWith("event: seconds\ndata: [{\"test\":0,\"blocks\":[{\"begin\":1"));
  EXPECT_THAT(events, ::testing::EndsWith("}]}]\n\n")) << "only the new one";
  ASSERT_TRUE(writer_->begin_test(id, 1, "peak"));
  EXPECT_THAT(live.next(history, last_).value(), StartsWith("event: run\n"));
  EXPECT_FALSE(live.ended());
  end(id);
  EXPECT_THAT(live.next(history, last_).value(), HasSubstr("\"state\":\"pass\""));
  EXPECT_TRUE(live.ended());
  EXPECT_EQ(Pages::live_run("/api/runs/12/live"), 12);
  EXPECT_EQ(Pages::live_run("/api/runs/12"), std::nullopt);
  EXPECT_EQ(Pages::live_run("/api/runs/x/live"), std::nullopt);
  EXPECT_FALSE(LiveRun(99).next(history, last_));
}

TEST_F(PagesTest, a_sweep_that_is_played_is_followed_point_by_point) {
  const auto id = begin();
  History history = History::open(folder_ + "/runs.db", clock_).value();
  LiveRun live(id);
  ASSERT_TRUE(live.next(history, last_));
  ASSERT_TRUE(writer_->add_point(id, 0, {"workers=4", {}, 1, {{"requests_per_second", "/s", {90}}}}));
  EXPECT_THAT(live.next(history, last_).value(), HasSubstr("\"step\":\"workers=4\",\"name\":\"requests_per_second\""));
  EXPECT_EQ(live.next(history, last_).value(), "");
}

TEST_F(PagesTest, all_who_follow_a_run_see_the_same) {
  const auto id = begin();
  History history = History::open(folder_ + "/runs.db", clock_).value();
  LiveRun one(id);
  LiveRun other(id);
  LiveRun late(id);
  second(id, 0);
  EXPECT_EQ(one.next(history, last_).value(), other.next(history, last_).value());
  second(id, 1);
  const std::string more = one.next(history, last_).value();
  EXPECT_THAT(more, StartsWith("event: seconds\n"));
  EXPECT_EQ(other.next(history, last_).value(), more);
  EXPECT_THAT(late.next(history, last_).value(), HasSubstr("\"begin\":1E0")) << "what has come since, too";
  EXPECT_EQ(late.next(history, last_).value(), "");
  end(id);
  for (LiveRun* live : {&one, &other, &late}) {
    EXPECT_THAT(live->next(history, last_).value(), HasSubstr("\"state\":\"pass\""));
    EXPECT_TRUE(live->ended());
  }
}

TEST_F(PagesTest, blocks_that_were_merged_are_sent_again) {
  const auto id = begin();
  History history = History::open(folder_ + "/runs.db", clock_).value();
  LiveRun live(id);
  for (int i = 0; i < static_cast<int>(History::kMostBlocks); ++i) second(id, i);
  EXPECT_THAT(live.next(history, last_).value(), StartsWith("event: run\n"));
  second(id, static_cast<int>(History::kMostBlocks));
  EXPECT_THAT(live.next(history, last_).value(), StartsWith("event: run\n"));
  second(id, static_cast<int>(History::kMostBlocks) + 1);
  EXPECT_THAT(live.next(history, last_).value(), StartsWith("event: seconds\n"));
}

}  // namespace
}  // namespace loadlab
