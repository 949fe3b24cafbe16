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

std::string complaint_of(const std::string& what) {
  RunOptions options;
  options.what = what;
  options.users = 5;
  const auto plan = plan_of(options);
  return plan ? "accepted" : plan.error().message;
}

TEST(PlanOf, a_url_without_its_beginning_is_told_from_a_file_that_is_missing) {
  EXPECT_EQ(complaint_of("127.0.0.1:80"),
            "'127.0.0.1:80' is neither a file nor a URL: that begins with http:// or https://, as in "
            "http://127.0.0.1:80");
  for (const char* what : {"localhost", "shop.test:8080/items?n=1", "10.0.0.7/a"})
    EXPECT_NE(complaint_of(what).find(std::string("as in http://") + what), std::string::npos) << what;
  for (const char* what : {"no-such-plan.yaml", "no/such/plan", "", "..", "/dev/null"})
    EXPECT_EQ(complaint_of(what).find("neither a file"), std::string::npos) << what;
}

}  // namespace
}  // namespace loadlab
