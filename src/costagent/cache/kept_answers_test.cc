#include "costagent/cache/kept_answers.h"

#include <gtest/gtest.h>

#include <new>

#include "support/failing_memory.h"

namespace costagent {
namespace {

using namespace std::chrono_literals;

Answer answer(std::size_t size, char c = 'a') { return std::make_shared<const std::string>(size, c); }

AnswerKey key(const std::string& question, std::int64_t version = 1, const std::string& customer = "acme") {
  return {customer, version, question};
}

CacheUse use(const KeptAnswers& kept) {
  CacheUse use;
  kept.tell(use);
  return use;
}

TEST(KeptAnswers, what_is_used_stays_and_what_is_not_makes_room) {
  KeptAnswers kept(10'000, 1h);
  for (int i = 0; i < 10; ++i) {
    kept.put(key(std::to_string(i)), answer(1500), 0s);
    EXPECT_NE(kept.find(key("0"), 0s), nullptr) << "used each time";
    EXPECT_LE(use(kept).bytes, 10'000u);
  }
  EXPECT_EQ(kept.find(key("1"), 0s), nullptr);
  EXPECT_NE(kept.find(key("9"), 0s), nullptr);
  EXPECT_EQ(kept.find(key("never"), 0s), nullptr);
  EXPECT_EQ(use(kept).evictions, 10 - use(kept).entries);
}

TEST(KeptAnswers, a_newer_answer_takes_the_place_of_the_old) {
  KeptAnswers kept(10'000, 1h);
  kept.put(key("why"), answer(100, 'a'), 0s);
  const Answer old = kept.find(key("why"), 0s);
  kept.put(key("why"), answer(50, 'b'), 0s);
  EXPECT_EQ(kept.find(key("why"), 0s)->front(), 'b');
  EXPECT_EQ(old->front(), 'a') << "who holds an answer keeps it";
  EXPECT_EQ(use(kept).bytes, 4 + 3 + 50 + KeptAnswers::kEntryBytes);
  EXPECT_EQ(use(kept).entries, 1u);
}

TEST(KeptAnswers, one_large_answer_does_not_drive_out_all_others) {
  KeptAnswers kept(10'000, 1h);
  kept.put(key("small"), answer(100), 0s);
  kept.put(key("large"), answer(5'000), 0s);
  EXPECT_EQ(kept.find(key("large"), 0s), nullptr);
  EXPECT_NE(kept.find(key("small"), 0s), nullptr);
}

TEST(KeptAnswers, an_answer_that_grew_too_large_leaves_no_old_one_behind) {
  KeptAnswers kept(10'000, 1h);
  kept.put(key("why"), answer(100), 0s);
  kept.put(key("why"), answer(5'000), 0s);
  EXPECT_EQ(kept.find(key("why"), 0s), nullptr);
  EXPECT_EQ(use(kept).bytes, 0u);
}

TEST(KeptAnswers, what_finds_no_memory_is_not_kept_and_changes_nothing_else) {
  for (const std::string customer : {"acme", "globex"}) {
    const AnswerKey asked = key("a question that has to be allocated", 1, customer);
    bool struck = true;
    for (int after = 0; struck; ++after) {
      KeptAnswers kept(10'000, 1h);
      kept.put(key("there"), answer(100), 0s);
      const std::size_t before = use(kept).bytes;
      const Answer late = answer(100);
      {
        const testing_support::FailingAllocation failing(after);
        try {
          kept.put(asked, late, 0s);
        } catch (const std::bad_alloc&) {
        }
        struck = failing.struck();
      }
      if (!struck) break;
      EXPECT_EQ(use(kept).bytes, before) << after;
      EXPECT_EQ(use(kept).entries, 1u) << after;
      EXPECT_EQ(kept.find(asked, 0s), nullptr) << after;
      EXPECT_NE(kept.find(key("there"), 0s), nullptr) << after;
      kept.drop("acme");
      EXPECT_EQ(use(kept).bytes, 0u) << after;
    }
  }
}

TEST(KeptAnswers, no_answer_is_kept_past_its_time_however_often_it_is_used) {
  KeptAnswers kept(10'000, 10min);
  kept.put(key("why"), answer(100), 5min);
  EXPECT_NE(kept.find(key("why"), 15min - 1ns), nullptr);
  EXPECT_EQ(kept.find(key("why"), 15min), nullptr);
  EXPECT_EQ(use(kept).bytes, 0u);
  EXPECT_EQ(use(kept).expirations, 1u);
}

TEST(KeptAnswers, what_nobody_asks_for_goes_when_others_come) {
  KeptAnswers kept(10'000, 10min);
  for (const char* question : {"a", "b", "c"}) kept.put(key(question), answer(100), 0min);
  kept.put(key("d"), answer(100), 9min);
  EXPECT_EQ(use(kept).entries, 4u);
  kept.put(key("e"), answer(100), 11min);
  EXPECT_EQ(use(kept).entries, 2u);
  EXPECT_EQ(use(kept).expirations, 3u);
}

TEST(KeptAnswers, another_version_drops_what_was_kept_of_the_customer_and_of_nobody_else) {
  KeptAnswers kept(10'000, 1h);
  for (const char* question : {"a", "b"}) kept.put(key(question, 1), answer(100), 0s);
  kept.put(key("a", 1, "other"), answer(100), 0s);
  EXPECT_EQ(kept.find(key("a", 2), 0s), nullptr);
  EXPECT_EQ(use(kept).entries, 1u);
  EXPECT_EQ(use(kept).invalidations, 2u);
  EXPECT_EQ(kept.find(key("a", 1), 0s), nullptr);
  EXPECT_NE(kept.find(key("a", 1, "other"), 0s), nullptr);
  kept.put(key("a", 2, "other"), answer(100), 0s);
  EXPECT_EQ(kept.find(key("a", 1, "other"), 0s), nullptr);
}

TEST(KeptAnswers, a_customer_or_all_are_dropped_at_once) {
  KeptAnswers kept(10'000, 1h);
  for (const char* customer : {"a", "b", "c"})
    for (const char* question : {"x", "y"}) kept.put(key(question, 1, customer), answer(100), 0s);
  kept.drop("b");
  kept.drop("nobody");
  EXPECT_EQ(kept.find(key("x", 1, "b"), 0s), nullptr);
  EXPECT_NE(kept.find(key("x", 1, "a"), 0s), nullptr);
  kept.clear();
  EXPECT_EQ(use(kept).bytes, 0u);
  EXPECT_EQ(use(kept).entries, 0u);
  EXPECT_EQ(use(kept).invalidations, 6u);
}

}  // namespace
}  // namespace costagent
