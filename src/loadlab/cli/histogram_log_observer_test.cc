#include "loadlab/cli/histogram_log_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::StartsWith;

const base::UtcTime kStart{1'772'355'600s};

struct Counting final : public SuiteObserver {
  void test_begins(const loadlab::Test&, std::size_t, std::size_t) override { ++calls; }
  void second_passed(const loadlab::Test&, const TestResult&, const Timings&) override { ++calls; }
  void test_ended(const TestResult&) override { ++calls; }
  int calls = 0;
};

class HistogramLog : public ::testing::Test {
 protected:
  HistogramLog() { ::close(::mkstemp(path_)); }
  ~HistogramLog() override { ::unlink(path_); }

  void play(HistogramLogObserver& observer, const std::string& name, std::size_t of, int seconds) {
    loadlab::Test test;
    test.name = name;
    TestResult result;
    result.started = kStart + 1500ms;
    observer.test_begins(test, 0, of);
    for (int second = 0; second < seconds; ++second) {
      result.series.emplace_back().index = second;
      Timings timings;
      timings.response.record(5ms);
      observer.second_passed(test, result, timings);
    }
    observer.test_ended(result);
  }

  // The lines of intervals, up to their third comma.
  std::vector<std::string> intervals() const {
    std::vector<std::string> found;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Tag=")) found.push_back(line.substr(0, line.find(",HIST")));
    }
    return found;
  }

  char path_[32] = "/tmp/observer_test_XXXXXX";
  Counting next_;
};

TEST_F(HistogramLog, has_a_line_for_each_second_and_time) {
  HistogramLogObserver observer(OutputFile::open(path_).value(), kStart, next_);
  play(observer, "alone", 1, 2);
  ASSERT_TRUE(observer.finish());
  EXPECT_THAT(intervals(), ElementsAre("Tag=response_time,1.500,1.000,5.000", "Tag=service_time,1.500,1.000,0.000",
                                       "Tag=connection_wait,1.500,1.000,0.000", "Tag=send_lag,1.500,1.000,0.000",
                                       "Tag=response_time,2.500,1.000,5.000", "Tag=service_time,2.500,1.000,0.000",
                                       "Tag=connection_wait,2.500,1.000,0.000", "Tag=send_lag,2.500,1.000,0.000"));
  EXPECT_EQ(next_.calls, 4) << "the observer behind it is told of everything";
}

TEST_F(HistogramLog, tells_tests_apart_by_name) {
  HistogramLogObserver observer(OutputFile::open(path_).value(), kStart, next_);
  play(observer, "normal load, 50", 2, 1);
  ASSERT_TRUE(observer.finish());
  EXPECT_THAT(intervals().at(0), StartsWith("Tag=normal_load__50/response_time,"));
}

TEST_F(HistogramLog, without_a_file_nothing_is_written_and_everything_told) {
  HistogramLogObserver observer(std::nullopt, kStart, next_);
  play(observer, "alone", 1, 3);
  EXPECT_TRUE(observer.finish());
  EXPECT_EQ(next_.calls, 5);
}

TEST_F(HistogramLog, a_full_disk_is_told_at_the_end) {
  HistogramLogObserver observer(OutputFile::open("/dev/full").value(), kStart, next_);
  play(observer, "alone", 1, 1);
  const auto finished = observer.finish();
  ASSERT_FALSE(finished);
  EXPECT_NE(finished.error().message.find("No space left"), std::string::npos);
}

}  // namespace
}  // namespace loadlab
