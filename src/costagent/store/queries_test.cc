#include "costagent/store/queries.h"

#include <gtest/gtest.h>

#include "costagent/store/schema.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

class QueriesTest : public testing::Test {
 protected:
  QueriesTest() { EXPECT_TRUE(migrate(connection_, ":memory:")); }

  // How SQLite would carry a statement out, a step a line.
  std::vector<std::string> plan_of(const std::string& sql) {
    auto plan = connection_.prepare("EXPLAIN QUERY PLAN " + sql);
    EXPECT_TRUE(plan) << plan.error().message << sql;
    std::vector<std::string> steps;
    while (plan && plan->step().value()) steps.emplace_back(plan->text(3));
    return steps;
  }

  io::Sqlite connection_ = io::Sqlite::open(":memory:", io::Sqlite::Mode::create, 0).value();
};

TEST_F(QueriesTest, every_look_up_goes_by_an_index) {
  for (const char* sql : kLookUps) {
    const auto plan = plan_of(sql);
    EXPECT_FALSE(plan.empty()) << sql;
    for (const std::string& step : plan) EXPECT_TRUE(step.starts_with("SEARCH ")) << step << sql;
  }
}

TEST_F(QueriesTest, daily_costs_read_the_days_asked_for_and_no_others) {
  for (const auto& [sql, table] :
       {std::pair(kDailyServiceCosts, "daily_service"), std::pair(kDailyResourceCosts, "daily_resource")}) {
    EXPECT_EQ(plan_of(sql), std::vector<std::string>{
                                fmt::format("SEARCH {} USING PRIMARY KEY (customer=? AND day>? AND day<?)", table)});
  }
}

}  // namespace
}  // namespace costagent
