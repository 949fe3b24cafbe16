#include "loadlab/history/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TestRecord test(const std::string& name, const std::string& load = "2 users for 10 s") {
  TestRecord record;
  record.name = name;
  record.load = load;
  record.target = "http://127.0.0.1:8080";
  record.verdict = Verdict::pass;
  record.ended = true;
  record.load_digest = "1:a";
  return record;
}

RunRecord run(std::int64_t id, std::vector<TestRecord> tests) {
  RunRecord record;
  record.id = id;
  record.state = RunState::ended;
  record.verdict = Verdict::pass;
  record.variables = "";
  record.machine = {"here", "EPYC", 2, 16'000, "6.1"};
  record.tests = std::move(tests);
  return record;
}

TEST(Baseline, is_looked_for_until_every_test_has_enough_runs) {
  const RunRecord now = run(9, {test("a")});
  BaselineSearch search(now, 1);
  for (std::int64_t id = 8; id > 3; --id) search.take(run(id, {test("b")}));
  EXPECT_FALSE(search.done());
  EXPECT_THAT(search.take(run(2, {test("a"), test("b")})), ElementsAre("a"));
  EXPECT_TRUE(search.done());
  EXPECT_THAT(search.take(run(1, {test("a")})), IsEmpty());
}

TEST(Baseline, tells_which_tests_are_not_played_any_more) {
  const RunRecord now = run(9, {test("a")});
  BaselineSearch search(now, 1);
  EXPECT_THAT(search.take(run(8, {test("a"), test("b")})), ElementsAre("a"));
  EXPECT_THAT(search.take(run(7, {test("c")})), IsEmpty()) << "that was given up before";
  ASSERT_EQ(search.passed_over().size(), 1u);
  EXPECT_EQ(search.passed_over()[0].why, "'b' of run 8 was not played in run 9");
}

TEST(Baseline, leaves_out_what_is_trusted_for_its_own_bounds_alone) {
  const RunRecord now = run(9, {test("a"), test("b")});
  BaselineSearch search(now, 2);
  RunRecord disturbed = run(8, {test("a"), test("b")});
  disturbed.tests[1].allowed_steal = 7.5;
  EXPECT_THAT(search.take(disturbed), ElementsAre("a"));
  EXPECT_EQ(why_unusable(disturbed.tests[1]),
            "is trusted for its own bounds alone, as the machine's host took 7.5 % of its time");
}

TEST(Baseline, takes_what_ended_and_is_trusted_even_of_a_run_whose_other_tests_are_not) {
  const RunRecord now = run(9, {test("a"), test("b")});
  BaselineSearch search(now, 2);
  RunRecord mixed = run(8, {test("a"), test("b")});
  mixed.verdict = mixed.tests[1].verdict = Verdict::untrusted;
  EXPECT_THAT(search.take(mixed), ElementsAre("a"));
  RunRecord other = run(7, {test("a")});
  other.machine.cores = 64;
  EXPECT_THAT(search.take(other), IsEmpty());
  other = run(6, {test("a")});
  other.interrupted = true;
  EXPECT_THAT(search.take(other), IsEmpty());
  other = run(5, {test("a")});
  other.state = RunState::killed;
  EXPECT_THAT(search.take(other), IsEmpty());
}

TEST(Baseline, passes_over_another_load_and_says_so_once) {
  const RunRecord now = run(9, {test("a", "1 user for 10 s")});
  BaselineSearch search(now, 1);
  EXPECT_THAT(search.take(run(8, {test("a")})), IsEmpty());
  EXPECT_THAT(search.take(run(7, {test("a")})), IsEmpty());
  EXPECT_THAT(search.take(run(6, {test("a", "1 user for 10 s")})), ElementsAre("a"));
  ASSERT_EQ(search.passed_over().size(), 1u);
  EXPECT_EQ(search.passed_over()[0].why,
            "'a' of run 8 is passed over: it had 2 users for 10 s, and run 9 has 1 user for 10 s");
}

TEST(Baseline, a_load_is_what_is_sent_and_where_to) {
  const RunRecord now = run(9, {test("a")});
  const auto by = [&](const RunRecord& then) { return difference_of_load(then, then.tests[0], now, now.tests[0]); };
  RunRecord then = run(8, {test("a")});
  EXPECT_EQ(by(then), "");
  then.tests[0].target = "http://127.0.0.1:40001";
  EXPECT_EQ(by(then), "") << "a port that happened to be free";
  then.tests[0].target = "http://10.0.0.9:8080";
  EXPECT_THAT(by(then), HasSubstr("it loaded http://10.0.0.9:8080, and run 9 loads http://127.0.0.1:8080"));
  then.tests[0].target = "http://127.0.0.1:8080/v2";
  EXPECT_THAT(by(then), HasSubstr("it loaded"));
  then = run(8, {test("a")});
  then.variables = "u=2";
  EXPECT_THAT(by(then), HasSubstr("it was played with u=2, and run 9 with no -e"));
  then = run(8, {test("a")});
  then.tests[0].load_digest = "1:b";
  EXPECT_THAT(by(then), HasSubstr("not those of run 9"));
  then.tests[0].load_digest = "2:b";
  EXPECT_EQ(by(then), "") << "another version's digest says nothing";
}

TEST(Baseline, what_an_older_history_does_not_know_is_no_difference) {
  const RunRecord now = run(9, {test("a")});
  RunRecord then = run(8, {test("a")});
  then.variables.reset();
  then.tests[0].load_digest.clear();
  then.tests[0].load.clear();
  then.tests[0].target.clear();
  EXPECT_EQ(difference_of_load(then, then.tests[0], now, now.tests[0]), "");
}

}  // namespace
}  // namespace loadlab
