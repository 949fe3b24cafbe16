#include "costagent/store/queries.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "costagent/store/detail_queries.h"
#include "costagent/store/feedback_queries.h"
#include "costagent/store/job_queries.h"
#include "costagent/store/rollup_sql.h"
#include "costagent/store/schema.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

class QueriesTest : public testing::Test {
 protected:
  // EXPLAIN_STORE names a store whose contents the plans shall be made for; benchmarks/ingest/queries has a large one.
  QueriesTest() {
    const char* store = std::getenv("EXPLAIN_STORE");
    if (store != nullptr) {
      connection_ = io::Sqlite::open(store, io::Sqlite::Mode::read_only, 1000).value();
    } else {
      EXPECT_TRUE(migrate(connection_, ":memory:"));
    }
  }

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
  std::vector<const char*> look_ups(kLookUps.begin(), kLookUps.end());
  look_ups.insert(look_ups.end(), kFeedbackLookUps.begin(), kFeedbackLookUps.end());
  for (const char* sql : look_ups) {
    const auto plan = plan_of(sql);
    EXPECT_FALSE(plan.empty()) << sql;
    for (const std::string& step : plan) EXPECT_FALSE(step.starts_with("SCAN ")) << step << sql;
    const auto searches = [](const std::string& step) { return step.starts_with("SEARCH "); };
    EXPECT_TRUE(std::any_of(plan.begin(), plan.end(), searches)) << sql;
  }
}

TEST_F(QueriesTest, what_is_told_besides_costs_is_read_by_an_index_in_its_order) {
  for (const char* sql : kDetailLookUps) {
    const auto plan = plan_of(sql);
    EXPECT_FALSE(plan.empty()) << sql;
    for (const std::string& step : plan) {
      EXPECT_FALSE(step.starts_with("SCAN ")) << step << sql;
      EXPECT_EQ(step.find("B-TREE"), std::string::npos) << step << sql;
    }
  }
}

// A claim goes through the ready jobs alone, once, by an index that holds all it asks for; their kinds are a list.
TEST_F(QueriesTest, jobs_are_found_by_an_index) {
  for (const char* sql : kJobLookUps) {
    for (const std::string& step : plan_of(sql)) {
      const bool of_jobs = step.starts_with("SEARCH ") || step.find("INDEX") != std::string::npos;
      const bool around = step.find("SUBQUERY") != std::string::npos || step.find("CO-ROUTINE") != std::string::npos ||
                          step.find("B-TREE") != std::string::npos || step == "SCAN ready" ||
                          step.starts_with("SCAN json_each");
      EXPECT_TRUE(of_jobs || around) << step << sql;
    }
  }
}

TEST_F(QueriesTest, rollups_are_read_and_cleared_by_time_and_nothing_else) {
  for (const Rollup rollup : kRollups) {
    EXPECT_EQ(plan_of(read_rollup_sql(rollup)),
              std::vector<std::string>{
                  fmt::format("SEARCH {} USING PRIMARY KEY (customer=? AND time>? AND time<?)", table_of(rollup))});
    EXPECT_EQ(
        plan_of(clear_rollup_sql(rollup)),
        std::vector<std::string>{fmt::format("SEARCH {} USING PRIMARY KEY (customer=? AND time=?)", table_of(rollup))});
  }
}

}  // namespace
}  // namespace costagent
