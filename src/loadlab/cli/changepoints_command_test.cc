#include "loadlab/cli/changepoints_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace loadlab {
namespace {

using ::testing::HasSubstr;

class ChangepointsCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/changepoints_XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // What it says, and its exit code.
  std::pair<std::string, ExitCode> say(const std::string& csv, std::vector<std::string> arguments = {}) {
    const std::string path = folder_ + "/p95.csv";
    std::ofstream(path) << csv;
    CLI::App app;
    ChangepointsCommand command(app);
    arguments.insert(arguments.begin(), {"changepoints", "--csv", path});
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const ExitCode code = command.run();
    std::string said = ::testing::internal::GetCapturedStdout();
    said += ::testing::internal::GetCapturedStderr();
    return {said, code};
  }

  std::string folder_;
};

TEST_F(ChangepointsCommandTest, a_value_that_is_no_number_is_told_with_its_file_and_line) {
  const auto [said, code] = say("run,value\n\"a\nb\",1\n2,x\n");
  EXPECT_EQ(code, ExitCode::usage);
  EXPECT_THAT(said, HasSubstr("p95.csv:4: 'x' is no number"));
}

// Twelve values, a gap for each empty one, and twelve of another level.
std::string two_levels(const std::string& names, const std::string& before, const std::string& gap) {
  std::string csv = names;
  for (int i = 0; i < 24; ++i) {
    if (i == 3 || i == 12) csv += gap;
    csv += before + std::to_string((i < 12 ? 100 : 150) + i % 3) + "\n";
  }
  return csv;
}

TEST_F(ChangepointsCommandTest, an_empty_line_of_a_single_column_is_a_gap) {
  EXPECT_EQ(say(two_levels("value\n", "", "")).first, "12\n");
  EXPECT_EQ(say(two_levels("value\n", "", "\n")).first, "14\n");
  EXPECT_EQ(say(two_levels("value\r\n\r\n", "", "\r\n\r\n") + "\n\n").first, "17\n") << "wherever it stands";
  EXPECT_EQ(say(two_levels("value\n", "", "\"\"\n")).first, "14\n") << "as an empty value is";
  EXPECT_EQ(say(two_levels("run,value\n", "7,", "7,\n")).first, "14\n");
  EXPECT_EQ(say(two_levels("run,value\n", "7,", "\n")).first, "12\n") << "of several it is no row";
  EXPECT_THAT(say("value\n1\n\n\nx\n").first, HasSubstr("p95.csv:5: 'x' is no number"));
}

TEST_F(ChangepointsCommandTest, its_bounds_are_numbers) {
  for (const char* option : {"--max-pvalue", "--min-magnitude"}) {
    for (const char* value : {"nan", "inf", "-1"})
      EXPECT_THROW(say("value\n1\n", {option, value}), CLI::ParseError) << option << value;
  }
  EXPECT_EQ(say("value\n1\n", {"--max-pvalue", "1e-3", "--min-magnitude", "0.05"}).second, ExitCode::pass);
}

}  // namespace
}  // namespace loadlab
