#include "loadlab/plan/suite_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SuiteOfFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "suite-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  Plan loaded(const Overrides& overrides = {}) {
    auto plan = load_plan_file(folder_.string(), overrides);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return plan ? std::move(*plan) : Plan{"", {loadlab::Test{}}};
  }

  // Without the folder's name.
  std::string complaint(const Overrides& overrides = {}) {
    const auto plan = load_plan_file(folder_.string(), overrides);
    std::string text = plan ? "accepted" : plan.error().message;
    const std::string folder = folder_.string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) text.erase(at, folder.size());
    return text;
  }

  std::filesystem::path folder_;
};

constexpr const char* kShared = R"(suite: shop
target: http://shared
variables: {a: shared, b: shared, length: 7s}
defaults: {users: 3, duration: $(length), headers: {X-A: shared, X-B: shared}, steps: [GET /$(a)/$(b)], tags: [all]}
include: [load.yaml, stress.yaml]
)";

TEST_F(SuiteOfFiles, included_tests_share_what_the_suite_says_and_their_own_file_wins) {
  write("suite.yaml", kShared);
  write("load.yaml", R"(variables: {b: file}
defaults: {rate: 20/s, headers: {X-B: file}}
tests:
  - {name: one}
  - {name: two, duration: 1s, variables: {a: test}, target: http://own}
)");
  write("stress.yaml", "name: alone\nsteps: [GET /x]\n");
  const Plan plan = loaded();
  EXPECT_EQ(plan.suite, "shop");
  ASSERT_EQ(plan.tests.size(), 3u);
  const loadlab::Test& one = plan.tests[0];
  EXPECT_EQ(one.family, "load");
  EXPECT_EQ(one.target.host, "shared");
  EXPECT_EQ(one.duration(), 7s);
  EXPECT_TRUE(one.loads.at(0).is_open()) << "the file's rate takes the place of the suite's users";
  const Step& step = one.loads[0].journeys.at(0).steps.at(0);
  EXPECT_EQ(step.path.constant(), "/shared/file");
  ASSERT_EQ(step.headers.size(), 2u);
  EXPECT_EQ(step.headers[0].second.constant(), "shared");
  EXPECT_EQ(step.headers[1].second.constant(), "file");
  EXPECT_THAT(one.tags, ElementsAre("all"));
  const loadlab::Test& two = plan.tests[1];
  EXPECT_EQ(two.duration(), 1s);
  EXPECT_EQ(two.target.host, "own");
  EXPECT_EQ(two.loads[0].journeys[0].steps[0].path.constant(), "/test/file");
  const loadlab::Test& alone = plan.tests[2];
  EXPECT_EQ(alone.name, "alone");
  EXPECT_EQ(alone.family, "stress");
  EXPECT_EQ(alone.loads[0].most_users(), 3);
  EXPECT_EQ(plan.sources.size(), 3u);
}

TEST_F(SuiteOfFiles, a_suite_without_a_name_has_its_folders) {
  write("suite.yaml", "target: http://a\ntests: [{name: a, users: 1, steps: [GET /]}]\n");
  EXPECT_EQ(loaded().suite, folder_.filename().string());
}

TEST_F(SuiteOfFiles, mistakes_are_told_with_their_own_file) {
  write("suite.yaml", "target: http://a\ndefaults: {users: none}\ninclude: [one.yaml, two.yaml]\n");
  write("one.yaml", "tests:\n  - {name: a, steps: [GET /]}\n");
  write("two.yaml", "tests:\n  - {name: a, users: 1, stepps: [GET /]}\n");
  EXPECT_THAT(complaint(), HasSubstr("suite.yaml:2:19: users: expected a whole number"));
  EXPECT_THAT(complaint(), HasSubstr("\ntwo.yaml:2:25: unknown key 'stepps'; did you mean 'steps'?"));
  EXPECT_THAT(complaint(), HasSubstr("\ntwo.yaml:2:5: two tests are named 'a'"));
  write("two.yaml", "a: [");
  EXPECT_THAT(complaint(), HasSubstr("\ntwo.yaml:1:1: "));
}

TEST_F(SuiteOfFiles, each_file_is_a_part_once) {
  const std::string test = "tests: [{name: %, users: 1, steps: [GET /]}]\n";
  write("suite.yaml", "target: http://a\ninclude: [one.yaml]\n");
  write("one.yaml", "include: [suite.yaml]\n");
  EXPECT_EQ(complaint(), "one.yaml:1:11: include: 'suite.yaml' is a part of this suite already");
  write("one.yaml", "include: [one.yaml]\n");
  EXPECT_EQ(complaint(), "one.yaml:1:11: include: 'one.yaml' is a part of this suite already");
  write("one.yaml", "include: [none.yaml, ../x.yaml, 'a/b']\n");
  EXPECT_EQ(complaint(),
            "one.yaml:1:11: include: none.yaml: No such file or directory\n"
            "one.yaml:1:22: include: '../x.yaml' is no name of a file beside this one\n"
            "one.yaml:1:33: include: 'a/b' is no name of a file beside this one");
}

TEST_F(SuiteOfFiles, what_is_done_around_the_suite_is_said_by_its_own_file) {
  write("suite.yaml", "target: http://a\nbefore: [./fill]\ninclude: [one.yaml]\n");
  write("one.yaml", "before: [./x]\ntests: [{name: a, users: 1, steps: [GET /]}]\n");
  EXPECT_THAT(complaint(), HasSubstr("one.yaml:1:1: 'before' would be done around the whole suite"));
  write("one.yaml", "defaults: {before: [./x]}\ntests: [{name: a, users: 1, steps: [GET /]}]\n");
  const Plan plan = loaded();
  EXPECT_EQ(plan.around.before.at(0).text, "./fill");
  EXPECT_EQ(plan.tests.at(0).around.before.at(0).text, "./x");
  EXPECT_EQ(plan.tests.at(0).folder, folder_.string() + "/");
}

TEST_F(SuiteOfFiles, some_tests_are_wanted_and_some_are_not) {
  write("suite.yaml", kShared);
  write("load.yaml", "tests: [{name: one}, {name: two, tags: [slow]}]\n");
  write("stress.yaml", "tests: [{name: three, tags: [slow, odd]}, {name: four}]\n");
  const auto names = [&](std::vector<std::string> only, std::vector<std::string> except) {
    Overrides overrides;
    overrides.only = std::move(only);
    overrides.except = std::move(except);
    std::vector<std::string> found;
    for (const loadlab::Test& test : loaded(overrides).tests) found.push_back(test.name);
    return found;
  };
  EXPECT_THAT(names({"load"}, {}), ElementsAre("one", "two"));
  EXPECT_THAT(names({}, {"slow"}), ElementsAre("one", "four"));
  EXPECT_THAT(names({"slow", "four"}, {"odd"}), ElementsAre("two", "four"));
  Overrides overrides;
  overrides.except = {"sloow"};
  EXPECT_THAT(complaint(overrides), HasSubstr("--except: no test has the name or tag 'sloow'; did you mean 'slow'?"));
  overrides.except = {"load", "stress"};
  EXPECT_EQ(complaint(overrides), "--except: no test is left");
}

}  // namespace
}  // namespace loadlab
