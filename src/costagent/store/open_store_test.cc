#include "costagent/store/open_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

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

TEST_F(OpenStoreTest, refuses_other_urls) {
  for (const char* url : {"", "sqlite:", "postgres://x", "/tmp/costs.db", "SQLITE:x"}) {
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

TEST_F(OpenStoreTest, says_why_it_cannot_open) {
  std::ofstream(path("junk.db")) << std::string(10'000, 'j');
  EXPECT_EQ(open_store("sqlite:" + path("junk.db")).error().kind, base::ErrorKind::corrupt);
  EXPECT_EQ(open_store("sqlite:" + path("no/such/folder.db")).error().kind, base::ErrorKind::io);
  EXPECT_EQ(open_store("sqlite:" + folder_.string()).error().kind, base::ErrorKind::io);
}

}  // namespace
}  // namespace costagent
