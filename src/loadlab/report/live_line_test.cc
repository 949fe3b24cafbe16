#include "loadlab/report/live_line.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

std::string line_with(double users) {
  Second second;
  second.users = users;
  Live live;
  live.test = "a";
  live.planned_seconds = 10;
  live.last = &second;
  return live_line(live, 200);
}

TEST(LiveLine, one_user_is_no_users) {
  EXPECT_NE(line_with(1).find("  1 user  "), std::string::npos) << line_with(1);
  EXPECT_NE(line_with(2).find("  2 users  "), std::string::npos) << line_with(2);
}

}  // namespace
}  // namespace loadlab
