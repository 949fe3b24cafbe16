#include "loadlab/cli/output_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace loadlab {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() {
    std::string name = (fs::temp_directory_path() / "output-file-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~OutputFileTest() override { fs::remove_all(folder_); }

  static std::string read(const fs::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  fs::path folder_;
};

TEST_F(OutputFileTest, replaces_what_was_there_only_when_it_is_whole) {
  const fs::path path = folder_ / "summary.json";
  std::ofstream(path) << "before";
  {
    auto abandoned = OutputFile::open(path.string());
    ASSERT_TRUE(abandoned);
    EXPECT_EQ(read(path), "before");
  }
  EXPECT_EQ(read(path), "before");
  EXPECT_EQ(files(), 1) << "an abandoned one leaves nothing behind";

  auto written = OutputFile::open(path.string());
  ASSERT_TRUE(written);
  ASSERT_TRUE(written->write("after"));
  EXPECT_EQ(read(path), "after");
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFileTest, says_before_the_run_that_there_is_no_place) {
  const auto missing = OutputFile::open((folder_ / "no" / "such" / "folder.json").string());
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("No such file or directory"), std::string::npos);
  const auto folder = OutputFile::open(folder_.string());
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("it is a folder"), std::string::npos);
}

TEST_F(OutputFileTest, a_device_is_written_to_and_stays_one) {
  auto null = OutputFile::open("/dev/null");
  ASSERT_TRUE(null);
  EXPECT_TRUE(null->write("gone"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace loadlab
