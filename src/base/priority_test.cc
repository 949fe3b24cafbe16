#include "base/priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

namespace base {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }

TEST(PriorityTest, a_thread_that_gives_way_does_so_alone) {
  const int before = niceness();
  std::thread([&] {
    give_way();
    EXPECT_EQ(niceness(), std::min(before + 5, 19));
  }).join();
  EXPECT_EQ(niceness(), before);
}

}  // namespace
}  // namespace base
