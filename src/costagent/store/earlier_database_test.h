// Databases whose schema is made an earlier one, for tests of what the present code makes of it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "costagent/store/fact_contract_test.h"
#include "costagent/store/schema.h"

namespace costagent {

// A database of which one knows how to make its schema an earlier one.
class EarlierDatabase {
 public:
  virtual ~EarlierDatabase() = default;
  virtual std::string url() const = 0;
  virtual void go_back(int version) = 0;
  // Everything that is named in the schema, with what it is made of.
  virtual std::string schema() = 0;
  // That of a new database of that version.
  virtual std::string schema_of(int version) = 0;
};

class EarlierSqlite final : public EarlierDatabase {
 public:
  EarlierSqlite() {
    std::string name = (std::filesystem::temp_directory_path() / "earlier-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~EarlierSqlite() override { std::filesystem::remove_all(folder_); }

  std::string url() const override { return "sqlite:" + path(); }
  void go_back(int version) override {
    auto fresh = io::Sqlite::open(":memory:", io::Sqlite::Mode::create, 0).value();
    ASSERT_TRUE(migrate(fresh, ":memory:", version));
    const auto kept = tables(fresh);
    auto connection = open();
    for (const std::string& table : tables(connection)) {
      if (!kept.contains(table)) {
        ASSERT_TRUE(connection.execute(("DROP TABLE " + table).c_str())) << table;
        continue;
      }
      const auto then = columns(fresh, table);
      for (const std::string& column : columns(connection, table)) {
        if (then.contains(column)) continue;
        ASSERT_TRUE(connection.execute(fmt::format("ALTER TABLE {} DROP COLUMN {}", table, column).c_str())) << column;
      }
    }
    ASSERT_TRUE(connection.execute(fmt::format("PRAGMA user_version = {}", version).c_str()));
  }
  std::string schema() override {
    auto connection = open();
    return schema(connection);
  }
  std::string schema_of(int version) override {
    auto fresh = io::Sqlite::open(":memory:", io::Sqlite::Mode::create, 0).value();
    EXPECT_TRUE(migrate(fresh, ":memory:", version));
    return schema(fresh);
  }

 private:
  std::string path() const { return (folder_ / "costs.db").string(); }
  io::Sqlite open() const { return io::Sqlite::open(path(), io::Sqlite::Mode::read_write, 100).value(); }
  static std::set<std::string> tables(io::Sqlite& connection) {
    auto select = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").value();
    std::set<std::string> names;
    while (select.step().value()) names.emplace(select.text(0));
    return names;
  }
  static std::set<std::string> columns(io::Sqlite& connection, const std::string& table) {
    auto select = connection.prepare(fmt::format("SELECT name FROM pragma_table_info('{}')", table).c_str()).value();
    std::set<std::string> names;
    while (select.step().value()) names.emplace(select.text(0));
    return names;
  }
  // But for what ANALYZE knows, which is no part of it.
  static std::string schema(io::Sqlite& connection) {
    auto select = connection
                      .prepare(
                          "SELECT name || ': ' || coalesce(sql, '') FROM sqlite_master "
                          "WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name")
                      .value();
    std::string all = std::to_string(connection.integer("PRAGMA user_version").value());
    while (select.step().value()) all += "\n" + std::string(select.text(0));
    return all;
  }

  std::filesystem::path folder_;
};

class EarlierPostgres final : public EarlierDatabase {
 public:
  std::string url() const override { return url_; }
  void go_back(int version) override {
    const std::string then = made(version);
    const auto kept = tables(then);
    auto session = connect(url_);
    for (const std::string& table : tables(url_)) {
      if (kept.contains(table)) continue;
      ASSERT_TRUE(session.query(("DROP TABLE costagent." + table).c_str(), kPatience)) << table;
    }
    const auto columns = rows(then, kColumns);
    const auto present = rows(url_, kColumns);
    for (const std::string& column : present) {
      if (std::find(columns.begin(), columns.end(), column) != columns.end()) continue;
      const auto space = column.find(' ');
      const std::string drop =
          fmt::format("ALTER TABLE costagent.{} DROP COLUMN {}", column.substr(0, space), column.substr(space + 1));
      ASSERT_TRUE(session.query(drop.c_str(), kPatience)) << column;
    }
    const std::string stamp = fmt::format("UPDATE costagent.schema_version SET version = {}", version);
    ASSERT_TRUE(session.query(stamp.c_str(), kPatience));
  }
  std::string schema() override { return schema(url_); }
  std::string schema_of(int version) override { return schema(made(version)); }

 private:
  static constexpr auto kPatience = std::chrono::seconds(60);
  // Partitions are made with the rows that they are for.
  static constexpr const char* kTables =
      "SELECT relname FROM pg_class WHERE relnamespace = 'costagent'::regnamespace AND relkind IN ('r', 'p') "
      "AND NOT relispartition ORDER BY 1";
  static constexpr const char* kColumns =
      "SELECT c.relname || ' ' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
      "AND NOT a.attisdropped WHERE c.relnamespace = 'costagent'::regnamespace AND NOT c.relispartition "
      "AND c.relkind IN ('r', 'p') ORDER BY 1";
  static constexpr const char* kSchema =
      "SELECT c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull "
      "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
      "WHERE c.relnamespace = 'costagent'::regnamespace AND NOT c.relispartition AND c.relkind IN ('r', 'p') "
      "UNION ALL SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
      "WHERE c.relnamespace = 'costagent'::regnamespace AND NOT c.relispartition "
      "UNION ALL SELECT 'version ' || version FROM costagent.schema_version ORDER BY 1";

  static io::Postgres connect(const std::string& url) {
    return io::Postgres::connect(url, "a test", kPatience).value();
  }
  static std::string made(int version) {
    std::string url = testing_support::shared_postgres().make_database();
    auto session = connect(url);
    EXPECT_TRUE(migrate_postgres(session, base::SystemClock::monotonic_now() + kPatience, version));
    return url;
  }
  static std::vector<std::string> rows(const std::string& url, const char* sql) {
    auto session = connect(url);
    const auto found = session.query(sql, kPatience).value();
    std::vector<std::string> rows;
    for (int row = 0; row < found.size(); ++row) rows.emplace_back(found.text(row, 0));
    return rows;
  }
  static std::set<std::string> tables(const std::string& url) {
    const auto all = rows(url, kTables);
    return {all.begin(), all.end()};
  }
  static std::string schema(const std::string& url) { return fmt::format("{}", fmt::join(rows(url, kSchema), "\n")); }

  std::string url_ = testing_support::shared_postgres().make_database();
};

}  // namespace costagent
