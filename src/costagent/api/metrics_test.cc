#include "costagent/api/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace costagent {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, tell_the_sessions_of_a_database_server_where_there_is_one) {
  Metrics metrics({});
  DatabaseUse use;
  metrics.watch_database([&use] { return use; });
  EXPECT_THAT(metrics.text(), Not(HasSubstr("db_sessions")));
  use.sessions.emplace();
  use.sessions->open = 3;
  use.sessions->lent = 12;
  use.sessions->returned = 11;
  use.sessions->made = 5;
  use.sessions->broken = 2;
  use.sessions->timeouts = 1;
  use.sessions->waited = std::chrono::milliseconds(1'500);
  use.sessions->oldest = std::chrono::milliseconds(250);
  const std::string text = metrics.text();
  for (const char* line : {"db_sessions_open 3\n", "db_sessions_lent_total 12\n", "db_sessions_returned_total 11\n",
                           "db_sessions_made_total 5\n", "db_sessions_broken_total 2\n", "db_pool_timeouts_total 1\n",
                           "db_pool_wait_seconds_total 1.5\n", "db_session_lease_seconds_max 0.25\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace costagent
