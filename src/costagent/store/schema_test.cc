#include "costagent/store/schema.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

class SchemaTest : public testing::Test {
 protected:
  // The columns of the first row, separated by '|'.
  std::string row(const std::string& sql, int columns) {
    auto statement = connection_.prepare(sql).value();
    EXPECT_TRUE(statement.step().value()) << sql;
    std::string text;
    for (int i = 0; i < columns; ++i) text += (i == 0 ? "" : "|") + std::string(statement.text(i));
    return text;
  }

  io::Sqlite connection_ = io::Sqlite::open(":memory:", io::Sqlite::Mode::create, 0).value();
};

TEST_F(SchemaTest, migrating_again_changes_nothing) {
  ASSERT_TRUE(migrate(connection_, ":memory:"));
  const auto before = connection_.integer("PRAGMA schema_version").value();
  ASSERT_TRUE(migrate(connection_, ":memory:"));
  EXPECT_EQ(connection_.integer("PRAGMA schema_version").value(), before);
}

TEST_F(SchemaTest, jobs_of_version_1_are_brought_along_and_unfinished_ones_failed) {
  ASSERT_TRUE(migrate(connection_, ":memory:", 1));
  EXPECT_EQ(connection_.integer("PRAGMA user_version").value(), 1);
  ASSERT_TRUE(connection_.execute(R"sql(
    INSERT INTO job (id, kind, customer, state, result, error, created, finished) VALUES
      ('young', 'collect', 'acme', 'queued', '', '', 1700000200, 0),
      ('good', 'collect', 'acme', 'done', '{"charges":7}', '', 1700000000, 1700000005),
      ('bad', 'collect', 'bcme', 'failed', '', 'it is empty', 1700000100, 1700000101),
      ('held', 'collect', 'acme', 'running', '', '', 1700000150, 0))sql"));
  ASSERT_TRUE(migrate(connection_, ":memory:"));
  EXPECT_EQ(connection_.integer("PRAGMA user_version").value(), newest_schema_version());
  const auto job = [&](const char* id) {
    return row(fmt::format("SELECT number, state, result, error, created, finished, due FROM job WHERE id = '{}'", id),
               7);
  };
  EXPECT_EQ(job("good"), R"(1|done|{"charges":7}||1700000000000000|1700000005000000|1702592005000000)");
  EXPECT_EQ(job("bad"), "2|failed||it is empty|1700000100000000|1700000101000000|1702592101000000");
  const std::string ended = "the agent ended before the job did: submit it again";
  EXPECT_EQ(job("held"), "3|failed||" + ended + "|1700000150000000|1700000150000000|1702592150000000");
  EXPECT_EQ(job("young"), "4|failed||" + ended + "|1700000200000000|1700000200000000|1702592200000000");
}

TEST_F(SchemaTest, a_key_is_one_unfinished_jobs) {
  ASSERT_TRUE(migrate(connection_, ":memory:"));
  const auto add = [&](const char* id, const char* state, int cancelling) {
    return connection_.execute(
        fmt::format("INSERT INTO job VALUES (NULL, '{}', 'collect', 'acme', '', 'k', 0, '{}', {}, 0, 1, 0, '', 0, 0, "
                    "'', '', '', 0, 0, 0)",
                    id, state, cancelling)
            .c_str());
  };
  EXPECT_TRUE(add("a", "done", 0));
  EXPECT_TRUE(add("b", "failed", 0));
  EXPECT_TRUE(add("c", "running", 1)) << "it ends soon";
  EXPECT_TRUE(add("d", "queued", 0));
  EXPECT_EQ(add("e", "running", 0).error().kind, base::ErrorKind::conflict);
}

}  // namespace
}  // namespace costagent
