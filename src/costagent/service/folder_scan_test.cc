#include "costagent/service/folder_scan.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace costagent {
namespace {

namespace fs = std::filesystem;

class FolderScanTest : public testing::Test {
 protected:
  FolderScanTest() {
    std::string name = (fs::temp_directory_path() / "scan-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~FolderScanTest() override { fs::remove_all(folder_); }

  void write(const std::string& path, const std::string& text = "x") const {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << text;
  }
  static std::vector<std::string> paths(const FolderContents& contents) {
    std::vector<std::string> paths;
    for (const FoundFile& file : contents.files) paths.push_back(file.path);
    return paths;
  }
  FolderContents scan() const { return scan_folder(folder_.string()).value(); }

  fs::path folder_;
};

TEST_F(FolderScanTest, files_at_any_depth_are_found_in_the_order_of_their_paths) {
  write("b.csv", "four");
  write("aws/2025/01.csv");
  write("a.csv");
  const auto found = scan();
  EXPECT_EQ(paths(found), (std::vector<std::string>{"a.csv", "aws/2025/01.csv", "b.csv"}));
  EXPECT_EQ(found.files[2].stamp.size, 4);
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "b.csv").c_str(), &status), 0);
  EXPECT_EQ(found.files[2].stamp.modified / 1'000'000'000, status.st_mtim.tv_sec);
  EXPECT_EQ(found.files[2].stamp.changed % 1'000'000'000, status.st_ctim.tv_nsec);
  EXPECT_TRUE(found.refused.empty());
}

TEST_F(FolderScanTest, what_is_hidden_or_not_whole_yet_is_passed_over) {
  for (const char* name : {".hidden", "a.csv.tmp", "a.csv.part", "a.csv.PARTIAL", "a.csv.filepart", "a.crdownload",
                           "a.csv~", "~a.csv", ".folder/a.csv", "sync.tmp/a.csv"}) {
    write(name);
  }
  write("part");
  write("tmp.csv");
  EXPECT_EQ(paths(scan()), (std::vector<std::string>{"part", "tmp.csv"}));
}

TEST_F(FolderScanTest, symbolic_links_are_refused_wherever_they_lead) {
  write("elsewhere/secret.csv");
  write("acme/own.csv");
  fs::create_symlink(folder_ / "elsewhere/secret.csv", folder_ / "acme/link.csv");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "acme/folder");
  fs::create_symlink("own.csv", folder_ / "acme/own-again.csv");
  ASSERT_EQ(::mkfifo((folder_ / "acme/pipe").c_str(), 0600), 0);
  const auto found = scan_folder((folder_ / "acme").string()).value();
  EXPECT_EQ(paths(found), std::vector<std::string>{"own.csv"});
  EXPECT_EQ(found.refused,
            (std::set<std::string>{"folder: a symbolic link", "link.csv: a symbolic link",
                                   "own-again.csv: a symbolic link", "pipe: neither a file nor a folder"}));
}

TEST_F(FolderScanTest, files_and_depth_are_bounded) {
  std::string deep;
  for (int i = 1; i < kDeepestFolder; ++i) deep += "d/";
  write(deep + "in.csv");
  write(deep + "d/out.csv");
  const auto found = scan();
  EXPECT_EQ(paths(found), std::vector<std::string>{deep + "in.csv"});
  EXPECT_EQ(found.refused, std::set<std::string>{deep + "d: deeper than 16 folders"});
  write("more.csv");
  EXPECT_TRUE(scan_folder(folder_.string(), 2));
  EXPECT_EQ(scan_folder(folder_.string(), 1).error().kind, base::ErrorKind::too_large);
}

TEST_F(FolderScanTest, folders_are_customers_if_they_may_be_ids) {
  write("globex/a.csv");
  write("acme/a.csv");
  write("not an id/a.csv");
  write("loose.csv");
  write(".git/a.csv");
  fs::create_directory_symlink(folder_ / "acme", folder_ / "linked");
  const auto found = find_customers(folder_.string()).value();
  EXPECT_EQ(found.customers, (std::vector<std::string>{"acme", "globex"}));
  ASSERT_EQ(found.refused.size(), 3u);
  EXPECT_TRUE(found.refused.contains("linked: a symbolic link"));
  EXPECT_TRUE(found.refused.contains("loose.csv: it lies in no customer's folder"));
  EXPECT_EQ(find_customers((folder_ / "none").string()).error().kind, base::ErrorKind::io);
}

}  // namespace
}  // namespace costagent
