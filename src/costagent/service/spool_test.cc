#include "costagent/service/spool.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace costagent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kId = "00000000000000aa";
constexpr const char* kOther = "00000000000000bb";

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    std::string name = (fs::temp_directory_path() / "spool-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    spool_.emplace(SpoolOptions{root(), "database", 0});
  }
  ~SpoolTest() override { fs::remove_all(folder_); }

  std::string root() const { return (folder_ / "spool").string(); }
  std::string path() const { return root() + "/database"; }
  static std::string text_of(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  void keep(const char* id) {
    const auto file = spool_->begin(id, "bill.csv", 0);
    ASSERT_TRUE(file->write("abc"));
    file->keep();
  }

  fs::path folder_;
  std::optional<Spool> spool_;
};

TEST_F(SpoolTest, what_is_kept_is_found_until_it_is_removed) {
  EXPECT_FALSE(fs::exists(root())) << "made with the first file";
  {
    const auto file = spool_->begin(kId, "bill.csv", 0);
    ASSERT_TRUE(file->write("one "));
    ASSERT_TRUE(file->write("two"));
    ASSERT_TRUE(file->sync());
    EXPECT_EQ(file->size(), 7u);
    file->keep();
  }
  const auto found = spool_->find(kId, "bill.csv", 7).value();
  EXPECT_EQ(text_of(found), "one two");
  EXPECT_EQ(spool_->find(kId, "bill.csv", 8).error().kind, base::ErrorKind::not_found) << "cut short by a crash";
  struct stat status {};
  ASSERT_EQ(::stat(found.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077, 0u) << "bills are nobody else's";
  spool_->remove(kId);
  EXPECT_FALSE(spool_->find(kId, "bill.csv", 7));
  EXPECT_TRUE(fs::is_empty(path()));
}

TEST_F(SpoolTest, what_is_not_kept_leaves_nothing) {
  {
    const auto file = spool_->begin(kId, "bill.csv", 0);
    ASSERT_TRUE(file->write("abc"));
    EXPECT_FALSE(fs::is_empty(path()));
  }
  EXPECT_TRUE(fs::is_empty(path()));
}

TEST_F(SpoolTest, a_sweep_takes_what_nobody_wants_and_leaves_what_is_being_written) {
  const auto none = [](const std::string&) -> base::Result<bool> { return false; };
  ASSERT_TRUE(spool_->sweep(none)) << "where nothing was ever sent";
  keep(kId);
  keep(kOther);
  const auto written = spool_->begin("00000000000000cc", "bill.csv", 0);
  ASSERT_TRUE(written->write("abc"));
  fs::create_directory(fs::path(path()) / "somebody's");
  fs::create_directory(fs::path(path()) / "00000000000000dd");  // its process was killed before it had a file
  ASSERT_TRUE(spool_->sweep([](const std::string& id) -> base::Result<bool> { return id == kOther; }));
  EXPECT_FALSE(spool_->find(kId, "bill.csv", 3));
  EXPECT_TRUE(spool_->find(kOther, "bill.csv", 3));
  EXPECT_TRUE(spool_->find("00000000000000cc", "bill.csv", 3));
  EXPECT_FALSE(fs::exists(fs::path(path()) / "00000000000000dd"));
  EXPECT_TRUE(fs::exists(fs::path(path()) / "somebody's"));
  const auto away = [](const std::string&) -> base::Result<bool> {
    return base::fail(base::ErrorKind::unavailable, "the database is away");
  };
  EXPECT_EQ(spool_->sweep(away).error().kind, base::ErrorKind::unavailable);
  EXPECT_TRUE(spool_->find(kOther, "bill.csv", 3)) << "who doesn't know removes nothing";
}

TEST_F(SpoolTest, agents_of_another_database_leave_what_they_do_not_know_alone) {
  keep(kId);
  const Spool other(SpoolOptions{root(), "another", 0});
  ASSERT_TRUE(other.sweep([](const std::string&) -> base::Result<bool> { return false; }));
  other.remove(kId);
  EXPECT_TRUE(spool_->find(kId, "bill.csv", 3));
  EXPECT_FALSE(other.find(kId, "bill.csv", 3));
  const Spool same(SpoolOptions{root(), "database", 0});
  EXPECT_TRUE(same.find(kId, "bill.csv", 3)) << "any agent of the database may run the job";
}

TEST_F(SpoolTest, what_would_not_leave_enough_room_is_refused_before_a_byte_of_it) {
  const Spool greedy(SpoolOptions{root(), "database", 0});
  const auto too_long = greedy.begin(kId, "bill.csv", std::uint64_t{1} << 60);
  EXPECT_EQ(too_long->write("abc").error().kind, base::ErrorKind::unavailable);
  const Spool careful(SpoolOptions{root(), "database", std::uint64_t{1} << 60});
  EXPECT_EQ(careful.begin(kId, "bill.csv", 0)->write("abc").error().kind, base::ErrorKind::unavailable);
  EXPECT_TRUE(fs::is_empty(path()));
}

TEST_F(SpoolTest, names_are_plain) {
  EXPECT_TRUE(Spool::check_name("Bill_2025-12.csv.gz"));
  for (const std::string name : {"", ".", "..", ".x", "a/b", "a b", "ä"})
    EXPECT_EQ(Spool::check_name(name).error().field, "name") << name;
  EXPECT_FALSE(Spool::check_name(std::string(129, 'a')));
  EXPECT_FALSE(spool_->find("../spool", "bill.csv", 3));
}

TEST_F(SpoolTest, a_folder_that_others_may_write_to_is_not_trusted) {
  fs::create_directory(folder_ / "elsewhere");
  for (const std::string& folder : {root(), path()}) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::all);
    EXPECT_EQ(spool_->begin(kId, "bill.csv", 0)->write("abc").error().kind, base::ErrorKind::io);
    fs::remove(folder);
    fs::create_directory_symlink(folder_ / "elsewhere", folder);
    EXPECT_EQ(spool_->begin(kId, "bill.csv", 0)->write("abc").error().kind, base::ErrorKind::io);
    fs::remove(folder);
    fs::create_directory(folder);
  }
}

}  // namespace
}  // namespace costagent
