#include "loadlab/probe/tree_counter.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

TEST(TreeCounter, counts_from_the_first_round_on) {
  TreeCounter counter;
  counter.begin();
  counter.add(1, false, 100, 40);
  EXPECT_EQ(counter.end(), 0);
  counter.begin();
  counter.add(1, false, 107, 40);
  EXPECT_EQ(counter.end(), 7);
}

TEST(TreeCounter, a_new_child_counts_whole_and_an_older_one_that_joins_from_then_on) {
  TreeCounter counter;
  counter.begin();
  counter.add(1, false, 0);
  counter.end();
  counter.begin();
  counter.add(1, false, 0);
  counter.add(2, true, 5, 1);
  counter.add(3, false, 1000);
  EXPECT_EQ(counter.end(), 6);
  counter.begin();
  counter.add(1, false, 0);
  counter.add(2, true, 5, 1);
  counter.add(3, false, 1001);
  EXPECT_EQ(counter.end(), 7);
}

TEST(TreeCounter, what_a_child_did_is_counted_once_when_its_parent_takes_it_over) {
  TreeCounter counter;
  counter.begin();
  counter.add(1, false, 0, 0);
  counter.end();
  counter.begin();
  counter.add(1, false, 1, 0);
  counter.add(2, true, 10);
  EXPECT_EQ(counter.end(), 11);
  // It did 2 more, ended, and was waited for.
  counter.begin();
  counter.add(1, false, 1, 12);
  EXPECT_EQ(counter.end(), 13);
}

TEST(TreeCounter, children_never_seen_count_by_what_their_parent_takes_over) {
  TreeCounter counter;
  counter.begin();
  counter.add(1, false, 0, 50);
  counter.end();
  counter.begin();
  counter.add(1, false, 1, 80);
  EXPECT_EQ(counter.end(), 31);
}

TEST(TreeCounter, never_goes_back) {
  TreeCounter counter;
  counter.begin();
  counter.add(1, false, 0, 0);
  counter.add(2, false, 500, 0);
  counter.end();
  counter.begin();
  counter.add(1, false, 3, 0);
  EXPECT_EQ(counter.end(), 3) << "the child ended and nobody waits for it";
  counter.begin();
  counter.add(1, false, 1, 0);
  EXPECT_EQ(counter.end(), 3) << "a thread ended and took its count along";
}

}  // namespace
}  // namespace loadlab
