#include "loadlab/cli/run_options.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace loadlab {
namespace {

namespace fs = std::filesystem;

class Outputs : public testing::Test {
 protected:
  Outputs() {
    std::string name = (fs::temp_directory_path() / "run-options-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    options_.json = folder_ / "json";
    options_.html = folder_ / "html";
    options_.markdown = folder_ / "markdown";
    options_.hlog = folder_ / "hlog";
    options_.history = folder_ / "history";
  }
  ~Outputs() override { fs::remove_all(folder_); }

  std::string complaint() const {
    const auto checked = check_outputs(options_);
    return checked ? "accepted" : checked.error().message;
  }

  fs::path folder_;
  RunOptions options_;
};

TEST_F(Outputs, of_names_of_their_own_are_accepted) {
  EXPECT_EQ(complaint(), "accepted");
  EXPECT_TRUE(check_outputs(RunOptions()));
}

TEST_F(Outputs, any_two_of_one_name_are_refused) {
  std::string* const all[] = {&options_.json, &options_.html, &options_.markdown, &options_.hlog, &options_.history};
  for (std::string* one : all) {
    for (std::string* other : all) {
      if (one == other) continue;
      const std::string own = std::exchange(*one, *other);
      EXPECT_NE(complaint().find("both name " + *other), std::string::npos) << complaint();
      *one = own;
    }
  }
  options_.hlog = options_.html;
  EXPECT_EQ(complaint(), "--html and --hlog both name " + options_.html + "; name two files");
}

TEST_F(Outputs, of_one_file_by_two_names_are_refused) {
  options_.json = folder_ / "." / "html";
  EXPECT_NE(complaint(), "accepted") << "there is no such file yet";
  std::ofstream(folder_ / "html") << "there";
  fs::create_symlink(folder_ / "html", folder_ / "link");
  options_.json = folder_ / "link";
  EXPECT_NE(complaint(), "accepted");
  options_.json = options_.markdown = "-";
  EXPECT_EQ(complaint(), "--json and --markdown both name -; name two files");
}

TEST_F(Outputs, that_nobody_keeps_may_have_one_name) {
  options_.json = options_.html = options_.hlog = "/dev/null";
  EXPECT_EQ(complaint(), "accepted");
}

}  // namespace
}  // namespace loadlab
