#include "costagent/store/open_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "costagent/store/raw_lines.h"
#include "costagent/store/schema.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

class OpenStoreTest : public testing::Test {
 protected:
  OpenStoreTest() {
    std::string name = (fs::temp_directory_path() / "store-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~OpenStoreTest() override { fs::remove_all(folder_); }
  std::string path(const char* name = "costs.db") const { return (folder_ / name).string(); }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path folder_;
};

TEST_F(OpenStoreTest, an_empty_place_becomes_a_store_and_opens_again) {
  for (int round = 0; round < 2; ++round) {
    const auto store = open_store("sqlite:" + path());
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->facts().extent("nobody").value(), std::nullopt);
  }
  auto connection = io::Sqlite::open(path(), io::Sqlite::Mode::read_only, 100).value();
  EXPECT_EQ(connection.integer("PRAGMA user_version").value(), newest_schema_version());
}

TEST_F(OpenStoreTest, a_store_is_told_from_every_other_also_from_one_in_the_same_place) {
  const std::string first = open_store("sqlite:" + path()).value()->identity();
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(open_store("sqlite:" + path()).value()->identity(), first);
  EXPECT_NE(open_store("sqlite:" + path("other.db")).value()->identity(), first);
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(path() + end);
  EXPECT_NE(open_store("sqlite:" + path()).value()->identity(), first);
}

TEST_F(OpenStoreTest, a_copy_is_the_same_database_and_another_instance) {
  const auto first = open_store("sqlite:" + path()).value();
  EXPECT_EQ(open_store("sqlite:" + path()).value()->instance(), first->instance());
  fs::copy_file(path(), path("copy.db"));
  const auto copy = open_store("sqlite:" + path("copy.db")).value();
  EXPECT_EQ(copy->identity(), first->identity());
  EXPECT_NE(copy->instance(), first->instance());
}

TEST_F(OpenStoreTest, a_store_of_every_earlier_version_is_brought_up_to_date) {
  for (int version = 1; version < newest_schema_version(); ++version) {
    const std::string earlier = path(fmt::format("version-{}.db", version).c_str());
    {
      auto connection = io::Sqlite::open(earlier, io::Sqlite::Mode::create, 100).value();
      ASSERT_TRUE(migrate(connection, earlier, version));
      ASSERT_EQ(connection.integer("PRAGMA user_version").value(), version);
    }
    const auto store = open_store("sqlite:" + earlier);
    ASSERT_TRUE(store) << version << ": " << store.error().message;
    EXPECT_EQ((*store)->identity().size(), 32u);
    EXPECT_EQ((*store)->state().decisions_version("acme").value(), 0);
    auto connection = io::Sqlite::open(earlier, io::Sqlite::Mode::read_only, 100).value();
    EXPECT_EQ(connection.integer("PRAGMA user_version").value(), newest_schema_version());
  }
}

TEST_F(OpenStoreTest, refuses_other_urls) {
  for (const char* url : {"", "sqlite:", "mysql://x", "/tmp/costs.db", "SQLITE:x"}) {
    const auto store = open_store(url);
    ASSERT_FALSE(store) << url;
    EXPECT_EQ(store.error().kind, base::ErrorKind::invalid);
    EXPECT_NE(store.error().message.find("sqlite:PATH"), std::string::npos);
  }
}

TEST_F(OpenStoreTest, another_programs_database_is_left_as_it_is) {
  {
    auto connection = io::Sqlite::open(path(), io::Sqlite::Mode::create, 100).value();
    ASSERT_TRUE(connection.execute("CREATE TABLE theirs (a INTEGER)"));
  }
  const std::string before = read(path());
  const auto store = open_store("sqlite:" + path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, base::ErrorKind::corrupt);
  EXPECT_EQ(read(path()), before);
}

TEST_F(OpenStoreTest, a_newer_versions_database_is_left_as_it_is) {
  ASSERT_TRUE(open_store("sqlite:" + path()));
  {
    auto connection = io::Sqlite::open(path(), io::Sqlite::Mode::read_write, 100).value();
    const std::string newer = fmt::format("PRAGMA user_version = {}", newest_schema_version() + 1);
    ASSERT_TRUE(connection.execute(newer.c_str()));
  }
  const std::string before = read(path());
  const auto store = open_store("sqlite:" + path());
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("newer"), std::string::npos) << store.error().message;
  EXPECT_EQ(read(path()), before);
}

// What the first version kept: a bill of two charges, one of whose raw lines has a line end in it, and an hour of
// utilisation.
void fill_first_version(io::Sqlite& connection) {
  ASSERT_TRUE(connection.execute(R"sql(
INSERT INTO dictionary VALUES (1, ''), (2, 'acme'), (3, 'AWS'), (4, 'Usage'), (5, 'EC2'), (6, 'vm'), (7, 'USD'), (8, 'my vm'),
  (9, 'Instance');
INSERT INTO file VALUES (1, 2, 'digest', 'bill.csv', 'a,b', 2, 1, '0.3', '0.25'), (2, 2, 'hours', 'use.csv', 'c', 1, 0, '0', '0');
INSERT INTO charge VALUES
  (1, 1, 1735689600, 1735693200, 1735689600, 3, 1, 1, 4, 1, 5, 1, 6, 1, 1, 1, 1, 1, 1, 7, '1', '0.1', '0.05', '0.2', '0.1'),
  (2, 1, 1735776000, 1735779600, 1735689600, 3, 1, 1, 4, 1, 5, 1, 1, 1, 1, 1, 1, 1, 1, 7, '1', '0.2', '0.2', '0.2', '0.2');
INSERT INTO resource VALUES (2, 6, 8, 9);
INSERT INTO daily_utilisation VALUES (2, 6, 20089, 2, 0, 1, 50, 50, 10, 10, 0, 0);)sql"));
  const std::string raw = "1,\"two\nlines\"\n2,x\n";
  uLongf size = ::compressBound(raw.size());
  std::string packed(size, ' ');
  ASSERT_EQ(::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()),
                       raw.size()),
            Z_OK);
  auto insert = connection.prepare("INSERT INTO raw_block VALUES (1, 0, 2, ?, ?)").value();
  insert.bind(1, static_cast<std::int64_t>(raw.size())).bind_blob(2, {packed.data(), size});
  ASSERT_TRUE(insert.run());
}

TEST_F(OpenStoreTest, what_the_first_version_kept_is_brought_along) {
  {
    auto connection = io::Sqlite::open(path(), io::Sqlite::Mode::create, 100).value();
    ASSERT_TRUE(migrate(connection, path(), 1));
    fill_first_version(connection);
  }
  const auto store = open_store("sqlite:" + path());
  ASSERT_TRUE(store) << store.error().message;
  FactStore& facts = (*store)->facts();
  const auto known = facts.known("acme", "digest").value();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->rows, 2);
  EXPECT_EQ(known->rejected, 1);
  EXPECT_TRUE(facts.has_beginning("acme", "any").value()) << "nobody knows how the file began";
  const Period january{base::parse_day("2025-01-01").value(), base::parse_day("2025-02-01").value()};
  const Costs sum = facts.totals({"acme", january, {}, {}}).value().sum.at(0).costs;
  EXPECT_EQ(sum.billed.to_string(), "0.3");
  EXPECT_EQ(sum.effective.to_string(), "0.25");
  EXPECT_EQ(sum.list.to_string(), "0.4");
  const auto resources = facts.resources("acme", "", january, 10).value();
  ASSERT_EQ(resources.size(), 1u);
  EXPECT_EQ(resources[0].resource_name, "my vm");
  EXPECT_EQ(resources[0].cpu_percent_max, 50);
  EXPECT_TRUE(facts.known("acme", "hours").value());

  auto connection = io::Sqlite::open(path(), io::Sqlite::Mode::read_only, 100).value();
  auto block = connection.prepare("SELECT size, packed, lines FROM raw_block").value();
  ASSERT_TRUE(block.step().value());
  EXPECT_EQ(unpack(block.text(1), static_cast<std::size_t>(block.integer(0))).value(), "1,\"two\nlines\"\n2,x\n");
  EXPECT_EQ(block.integer(2), 2);
  EXPECT_EQ(connection.integer("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name GLOB '*_1'").value(),
            0);
}

TEST_F(OpenStoreTest, says_why_it_cannot_open) {
  std::ofstream(path("junk.db")) << std::string(10'000, 'j');
  EXPECT_EQ(open_store("sqlite:" + path("junk.db")).error().kind, base::ErrorKind::corrupt);
  EXPECT_EQ(open_store("sqlite:" + path("no/such/folder.db")).error().kind, base::ErrorKind::io);
  EXPECT_EQ(open_store("sqlite:" + folder_.string()).error().kind, base::ErrorKind::io);
}

}  // namespace
}  // namespace costagent
