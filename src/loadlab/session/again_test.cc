#include "loadlab/session/again.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadlab {
namespace {

// Plays these verdicts, one after the other, and counts.
struct Playing {
  std::vector<Verdict> verdicts;
  std::size_t played = 0;
  std::atomic<bool> stop = false;

  TestResult until_trusted(int again) {
    return play_until_trusted(
        [this] {
          TestResult result;
          result.verdict = verdicts.at(played++);
          return result;
        },
        again, stop);
  }
};

TEST(Again, what_is_trusted_is_played_once_whatever_its_verdict) {
  for (const Verdict verdict : {Verdict::pass, Verdict::fail, Verdict::error}) {
    Playing playing{{verdict}};
    const TestResult result = playing.until_trusted(5);
    EXPECT_EQ(result.verdict, verdict);
    EXPECT_TRUE(result.notes.empty());
  }
}

TEST(Again, what_is_untrusted_is_played_until_it_is_and_says_so) {
  Playing playing{{Verdict::untrusted, Verdict::untrusted, Verdict::fail}};
  const TestResult result = playing.until_trusted(5);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.notes, testing::ElementsAre(testing::HasSubstr("played 3 times")));
}

TEST(Again, it_is_given_up_after_so_many_times_or_when_it_is_to_stop) {
  Playing playing{std::vector(4, Verdict::untrusted)};
  EXPECT_EQ(playing.until_trusted(2).verdict, Verdict::untrusted);
  EXPECT_EQ(playing.played, 3u);
  Playing none{std::vector(4, Verdict::untrusted)};
  EXPECT_TRUE(none.until_trusted(0).notes.empty());
  EXPECT_EQ(none.played, 1u);
  Playing stopped{std::vector(4, Verdict::untrusted)};
  stopped.stop = true;
  stopped.until_trusted(3);
  EXPECT_EQ(stopped.played, 1u);
}

TEST(Again, of_many_those_that_may_are_played_again_when_all_have_been) {
  using enum Verdict;
  std::vector<TestResult> results(4);
  const Verdict first[] = {untrusted, pass, untrusted, untrusted};
  for (std::size_t i = 0; i < 4; ++i) results[i].verdict = first[i];
  std::vector<std::size_t> played;
  std::atomic<bool> stop = false;
  const auto play = [&](std::size_t i) {
    played.push_back(i);
    TestResult result;
    result.verdict = i == 0 ? fail : untrusted;
    return result;
  };
  const auto may = [](std::size_t i) { return i != 3; };
  play_again_later(results, play, may, 2, stop);
  EXPECT_THAT(played, testing::ElementsAre(0, 2, 2));
  EXPECT_EQ(results[0].verdict, fail);
  EXPECT_THAT(results[0].notes, testing::ElementsAre(testing::HasSubstr("played 2 times")));
  EXPECT_TRUE(results[1].notes.empty());
  EXPECT_THAT(results[2].notes, testing::ElementsAre(testing::HasSubstr("played 3 times")));
  stop = true;
  play_again_later(results, play, may, 2, stop);
  EXPECT_EQ(played.size(), 3u);
}

}  // namespace
}  // namespace loadlab
