#include "loadlab/probe/machine_time.h"

#include <gtest/gtest.h>

#include <fstream>

namespace loadlab {
namespace {

namespace fs = std::filesystem;

TEST(MachineTime, reads_the_columns_of_all_cores) {
  const fs::path root = fs::path(::testing::TempDir()) / "machine_time";
  fs::create_directories(root / "proc");
  std::ofstream(root / "proc/stat") << "cpu  100 20 30 800 50 1 2 7 9 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
  const auto time = read_machine_time(root);
  ASSERT_TRUE(time);
  EXPECT_EQ(time->all, 1010u) << "guests' time is part of user's";
  EXPECT_EQ(time->idle, 850u);
  EXPECT_EQ(time->steal, 7u);
  std::ofstream(root / "proc/stat") << "cpu  100 20\n";
  EXPECT_FALSE(read_machine_time(root)) << "an old kernel's shorter line";
  fs::remove_all(root);
  EXPECT_FALSE(read_machine_time(root));
}

TEST(MachineTime, this_machine_tells_its_own) {
  const auto time = read_machine_time();
  ASSERT_TRUE(time);
  EXPECT_GT(time->all, time->idle);
}

TEST(MachineTime, steal_is_not_work) {
  const MachineUse use = use_between({1000, 500, 10}, {1200, 600, 30});
  EXPECT_DOUBLE_EQ(use.steal_percent, 10);
  EXPECT_DOUBLE_EQ(use.busy_percent, 40);
}

TEST(MachineTime, no_time_is_no_use_and_a_step_back_is_none) {
  EXPECT_EQ(use_between({1000, 500, 10}, {1000, 500, 10}).busy_percent, 0);
  EXPECT_EQ(use_between({1000, 500, 10}, {1100, 499, 10}).busy_percent, 100);
}

}  // namespace
}  // namespace loadlab
