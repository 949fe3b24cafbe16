#include "loadlab/cli/history_observer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace loadlab {
namespace {

using namespace std::chrono_literals;

// Moved by hand, and knows how often it was asked. Thread-safe.
class AskedClock final : public base::Clock {
 public:
  base::Nanoseconds monotonic() const override { return 0ns; }
  base::UtcTime utc() const override {
    const std::lock_guard lock(mutex_);
    ++asked_;
    was_asked_.notify_all();
    return now_;
  }
  // And waits until it was asked so often since. False: nobody asks any more.
  bool advance_until_asked(base::Nanoseconds by, int times) {
    constexpr auto kPatience = 1min;
    std::unique_lock lock(mutex_);
    now_ += by;
    const int before = asked_;
    return was_asked_.wait_for(lock, kPatience, [&] { return asked_ >= before + times; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable was_asked_;
  mutable int asked_ = 0;
  base::UtcTime now_{std::chrono::hours(490'000)};
};

struct Told final : public SuiteObserver {
  void test_begins(const loadlab::Test&, std::size_t, std::size_t) override { ++calls; }
  void part_ended(const loadlab::Test&, const SweepPointResult&) override { ++calls; }
  void second_passed(const loadlab::Test&, const TestResult&, const Timings&) override { ++calls; }
  void test_ended(const TestResult&) override { ++calls; }
  int calls = 0;
};

class HistoryObserverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/observer_XXXXXX";
    folder_ = ::mkdtemp(folder);
    test_.name = "workers";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  History open() { return History::open(folder_ + "/runs.db", clock_).value(); }

  std::string folder_;
  AskedClock clock_;
  Told next_;
  loadlab::Test test_;
};

TEST_F(HistoryObserverTest, a_run_in_which_nothing_happens_is_still_played) {
  HistoryObserver observer(open(), {}, next_, 1ms);
  observer.test_begins(test_, 0, 1);
  // What the first beat asked for is written when the second one asks.
  ASSERT_TRUE(clock_.advance_until_asked(History::kSilence + 1s, 2)) << "it doesn't say that it is there";
  EXPECT_EQ(open().run(1, false).value()->state, RunState::playing);
  EXPECT_EQ(observer.finish(RunResult{}, "{}").value(), 1);
  EXPECT_EQ(open().run(1, false).value()->state, RunState::ended);
}

TEST_F(HistoryObserverTest, a_sweep_that_is_killed_has_the_points_until_then) {
  {
    HistoryObserver observer(open(), {}, next_);
    observer.test_begins(test_, 0, 1);
    observer.part_ended(test_, {"workers=4", {{"workers", "4"}}, 1, {{"requests_per_second", "/s", {90}}}});
  }
  EXPECT_EQ(next_.calls, 2) << "the observer behind it is told of everything";
  EXPECT_EQ(open().run(1, false).value()->tests.at(0).figure("requests_per_second", "workers=4"), 90);
}

TEST_F(HistoryObserverTest, a_test_that_is_played_again_after_others_stands_there_once_with_its_last_result) {
  HistoryObserver observer(open(), {}, next_);
  loadlab::Test other;
  other.name = "others";
  TestResult result;
  result.name = "workers";
  const auto play = [&](const loadlab::Test& test, std::size_t index, Verdict verdict) {
    observer.test_begins(test, index, 2);
    result.verdict = verdict;
    observer.test_ended(result);
  };
  observer.test_begins(test_, 0, 2);
  TestResult second;
  second.series.emplace_back();
  observer.second_passed(test_, second, Timings());
  result.verdict = Verdict::untrusted;
  observer.test_ended(result);
  play(other, 1, Verdict::pass);
  play(test_, 0, Verdict::fail);
  EXPECT_EQ(observer.finish(RunResult{}, "{}").value(), 1);
  const auto kept = open().run(1, false).value();
  ASSERT_EQ(kept->tests.size(), 2u);
  EXPECT_EQ(kept->tests[0].verdict, Verdict::fail);
  EXPECT_TRUE(open().blocks(1, 0, 0).value().empty()) << "what is of the play before";
}

TEST_F(HistoryObserverTest, without_a_history_nothing_is_written_and_everything_told) {
  HistoryObserver observer(std::nullopt, {}, next_);
  observer.test_begins(test_, 0, 1);
  observer.part_ended(test_, {});
  observer.test_ended(TestResult());
  EXPECT_EQ(observer.finish(RunResult{}, "{}").value(), 0);
  EXPECT_EQ(next_.calls, 3);
}

}  // namespace
}  // namespace loadlab
