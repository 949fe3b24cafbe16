// What the tests of a history share: a folder of their own for its file, and the clock by which runs are stamped.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "loadlab/history/history.h"

namespace loadlab {

// The folder is empty before each test, and goes behind it.
class HistoryFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/history_XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/history.db"; }
  History open() { return History::open(path(), clock_).value(); }

  std::string folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(500'000))};
};

}  // namespace loadlab
