#include "loadlab/report/markdown.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "loadlab/report/sample_run.h"

namespace loadlab {
namespace {

TEST(Markdown, is_the_golden_one) {
  const std::string path = std::string(GOLDEN_FOLDER) + "/performance.md";
  const std::string text = markdown_report(sample_run(), "abc123");
  if (std::getenv("GOLDEN_UPDATE") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text)
      << "if the change is meant: GOLDEN_UPDATE=1, and look at the difference";
}

TEST(Markdown, every_row_of_a_table_has_its_cells_whatever_names_hold) {
  RunResult run = sample_run();
  run.tests[0].name = "a | b\nc `d` *e* [f]";
  const std::string text = markdown_report(run, "");
  EXPECT_NE(text.find("| a \\| b c \\`d\\` \\*e\\* \\[f\\] | pass |"), std::string::npos) << text;
  EXPECT_NE(text.find("- Commit: not said; loadlab"), std::string::npos);
}

TEST(Markdown, holds_no_control_character) {
  RunResult run = sample_run();
  run.suite = "shop\x1b[2J";
  run.tests[2].failure = "one\r\ntwo\x07";
  const std::string text = markdown_report(run, "abc\x1b]0;title\x07\tdef\x9b");
  EXPECT_NE(text.find("- Commit: abc\\\\x1b\\]0;title\\\\x07 def\\\\x9b; loadlab"), std::string::npos) << text;
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
}

}  // namespace
}  // namespace loadlab
