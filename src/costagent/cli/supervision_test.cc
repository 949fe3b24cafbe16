#include "costagent/cli/supervision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace costagent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Order = Supervision::Order;
using Phase = Supervision::Phase;
using What = Supervision::What;

class SupervisionTest : public testing::Test {
 protected:
  std::vector<Order> turn() { return supervision_.turn(); }

  // Turns for so long, with a sign of life of all that serve in each; returns all orders.
  std::vector<Order> turns(milliseconds time, bool signs = true) {
    std::vector<Order> orders;
    for (milliseconds passed{0}; passed < time; passed += Supervision::kTurn) {
      clock_.advance(Supervision::kTurn);
      for (unsigned place = 0; signs && place < supervision_.places(); ++place) {
        if (supervision_.phase(place) == Phase::serving) supervision_.gave_sign(place);
      }
      for (const Order& order : turn()) orders.push_back(order);
    }
    return orders;
  }

  // All of them, in places 0 and 1.
  void begin() {
    ASSERT_THAT(turn(), ElementsAre(Order{What::start, 0, 1}, Order{What::start, 1, 2}));
    supervision_.serves(0);
    supervision_.serves(1);
    ASSERT_TRUE(supervision_.serves_whole());
  }

  // How long the process at that place is away after its end.
  base::Nanoseconds wait_after_end(unsigned place, bool served) {
    if (served) supervision_.serves(place);
    supervision_.ended(place);
    const auto ended = clock_.monotonic();
    while (supervision_.phase(place) == Phase::none && clock_.monotonic() - ended < seconds(20)) {
      supervision_.turn();
      if (supervision_.phase(place) == Phase::none) clock_.advance(milliseconds(10));
    }
    return clock_.monotonic() - ended;
  }

  base::FakeClock clock_;
  SupervisionOptions options_;
  Supervision supervision_{options_, clock_};
};

TEST_F(SupervisionTest, starts_all_at_once_and_is_whole_when_all_serve) {
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 0, 1}, Order{What::start, 1, 2}));
  supervision_.serves(1);
  EXPECT_FALSE(supervision_.serves_whole());
  supervision_.serves(0);
  EXPECT_TRUE(supervision_.serves_whole());
  EXPECT_THAT(turns(seconds(60)), IsEmpty());
}

TEST_F(SupervisionTest, who_dies_is_restarted_at_once_the_first_time) {
  begin();
  turns(seconds(5));
  supervision_.ended(1);
  EXPECT_FALSE(supervision_.serves_whole());
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 1, 2}));
  EXPECT_EQ(supervision_.restarts(2), 1u);
  EXPECT_EQ(supervision_.restarts(1), 0u);
}

TEST_F(SupervisionTest, who_dies_again_and_again_is_waited_with_longer_and_longer) {
  begin();
  EXPECT_EQ(wait_after_end(1, true), seconds(0));
  milliseconds longest = Supervision::kFirstWait;
  for (int i = 0; i < 20; ++i) {
    const auto wait = wait_after_end(1, true);
    EXPECT_GE(wait, longest / 2) << i;
    EXPECT_LE(wait, longest + milliseconds(10)) << i;
    longest = std::min(2 * longest, Supervision::kLongestWait);
  }
  EXPECT_FALSE(supervision_.hopeless()) << "it does start";
}

TEST_F(SupervisionTest, who_lived_for_a_while_starts_with_a_clean_slate) {
  begin();
  for (int i = 0; i < 5; ++i) wait_after_end(1, true);
  supervision_.serves(1);
  turns(Supervision::kSteady);
  EXPECT_EQ(wait_after_end(1, true), seconds(0));
}

TEST_F(SupervisionTest, waits_of_two_workers_differ) {
  begin();
  std::vector<base::Nanoseconds> waits;
  for (unsigned place : {0U, 1U}) {
    for (int i = 0; i < 6; ++i) wait_after_end(place, true);
    waits.push_back(wait_after_end(place, true));
  }
  EXPECT_NE(waits[0], waits[1]);
}

TEST_F(SupervisionTest, a_first_start_that_fails_three_times_is_hopeless) {
  turn();
  EXPECT_EQ(wait_after_end(1, false), seconds(0));
  wait_after_end(1, false);
  EXPECT_FALSE(supervision_.hopeless());
  supervision_.ended(1);
  EXPECT_EQ(supervision_.hopeless(), 2u);
}

TEST_F(SupervisionTest, a_restart_is_tried_for_longer_before_it_is_hopeless) {
  begin();
  supervision_.ended(1);
  turn();
  const auto began = clock_.monotonic();
  for (unsigned i = 1; i < Supervision::kTries; ++i) {
    EXPECT_FALSE(supervision_.hopeless()) << i;
    wait_after_end(1, false);
  }
  supervision_.ended(1);
  EXPECT_EQ(supervision_.hopeless(), 2u);
  EXPECT_GT(clock_.monotonic() - began, seconds(15)) << "a database may be away for so long";
}

TEST_F(SupervisionTest, failed_starts_count_only_in_a_row) {
  begin();
  supervision_.ended(1);
  turn();
  for (unsigned i = 1; i < 3 * Supervision::kTries; ++i) wait_after_end(1, i % 5 == 0);
  EXPECT_FALSE(supervision_.hopeless());
}

TEST_F(SupervisionTest, who_gives_no_sign_of_life_is_killed_once_and_replaced) {
  begin();
  for (int i = 0; i < 49; ++i) {
    clock_.advance(Supervision::kTurn);
    supervision_.gave_sign(0);
    EXPECT_THAT(turn(), IsEmpty()) << i;
  }
  clock_.advance(Supervision::kTurn);
  supervision_.gave_sign(0);
  EXPECT_THAT(turn(), ElementsAre(Order{What::kill, 1, 2}));
  EXPECT_THAT(turns(seconds(30)), IsEmpty()) << "until it is gone";
  supervision_.ended(1);
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 1, 2}));
}

TEST_F(SupervisionTest, its_own_sleep_is_not_the_workers_fault) {
  begin();
  clock_.advance(std::chrono::hours(1));
  EXPECT_THAT(turn(), IsEmpty());
  EXPECT_THAT(turns(seconds(9), false), IsEmpty());
  EXPECT_EQ(turns(seconds(2), false).size(), 2u);
}

TEST_F(SupervisionTest, a_start_that_does_not_end_is_killed_and_counts_as_failed) {
  turn();
  supervision_.serves(0);
  const auto orders = turns(options_.start);
  EXPECT_THAT(orders, ElementsAre(Order{What::kill, 1, 2}));
  supervision_.ended(1);
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 1, 2}));
}

TEST_F(SupervisionTest, stopping_tells_all_once_and_starts_none) {
  begin();
  supervision_.ended(1);
  supervision_.stop();
  EXPECT_THAT(turn(), ElementsAre(Order{What::stop, 0, 1}));
  EXPECT_THAT(turns(seconds(40), false), IsEmpty()) << "no sign of life is asked of who stops";
  EXPECT_FALSE(supervision_.over());
  EXPECT_THAT(turns(seconds(6), false), ElementsAre(Order{What::kill, 0, 1}));
  supervision_.ended(0);
  EXPECT_TRUE(supervision_.over());
  EXPECT_THAT(turn(), IsEmpty());
}

TEST_F(SupervisionTest, who_stops_by_itself_has_time_for_it_and_is_replaced_at_once) {
  begin();
  for (int i = 0; i < 4; ++i) wait_after_end(1, true);
  supervision_.serves(1);
  supervision_.stops_by_itself(1);
  EXPECT_THAT(turns(seconds(40)), IsEmpty());
  supervision_.ended(1);
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 1, 2}));
}

TEST_F(SupervisionTest, rolling_replaces_one_after_the_other_and_the_next_serves_before_the_last_stops) {
  begin();
  supervision_.roll();
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 2, 1}));
  EXPECT_THAT(turns(seconds(3)), IsEmpty());
  EXPECT_TRUE(supervision_.serves_whole());
  supervision_.serves(2);
  EXPECT_THAT(turn(), ElementsAre(Order{What::stop, 0, 1}));
  EXPECT_TRUE(supervision_.serves_whole());
  EXPECT_THAT(turns(seconds(3)), IsEmpty()) << "until it has ended";
  supervision_.ended(0);
  const auto orders = turns(milliseconds(400));
  EXPECT_THAT(orders, ElementsAre(Order{What::start, 0, 2}));
  supervision_.serves(0);
  EXPECT_THAT(turn(), ElementsAre(Order{What::stop, 1, 2}));
  supervision_.ended(1);
  EXPECT_THAT(turns(seconds(3)), IsEmpty());
  EXPECT_FALSE(supervision_.rolling());
  EXPECT_EQ(supervision_.restarts(1) + supervision_.restarts(2), 0u);
}

TEST_F(SupervisionTest, a_next_one_that_cannot_start_leaves_the_old_ones_alone) {
  begin();
  supervision_.roll();
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 2, 1}));
  supervision_.ended(2);
  EXPECT_THAT(turns(seconds(60)), IsEmpty());
  EXPECT_FALSE(supervision_.rolling());
  EXPECT_TRUE(supervision_.serves_whole());
  EXPECT_FALSE(supervision_.hopeless());
}

TEST_F(SupervisionTest, who_dies_while_it_is_being_replaced_is_replaced_by_that_one) {
  begin();
  supervision_.roll();
  turn();
  supervision_.ended(0);
  EXPECT_THAT(turns(seconds(3)), IsEmpty()) << "the next one is on its way";
  supervision_.serves(2);
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 0, 2})) << "and the other worker's turn has come";
}

TEST_F(SupervisionTest, asked_to_roll_while_it_rolls_it_replaces_all_again) {
  begin();
  supervision_.roll();
  turn();
  supervision_.roll();
  supervision_.serves(2);
  EXPECT_THAT(turn(), ElementsAre(Order{What::stop, 0, 1}));
  supervision_.ended(0);
  EXPECT_THAT(turns(milliseconds(400)), ElementsAre(Order{What::start, 0, 1}));
}

TEST_F(SupervisionTest, a_worker_that_is_away_is_rolled_when_it_is_back) {
  begin();
  supervision_.ended(0);
  supervision_.roll();
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 0, 1}));
  supervision_.serves(0);
  EXPECT_THAT(turn(), ElementsAre(Order{What::start, 2, 1})) << "it may have begun before it was asked for a new one";
}

TEST_F(SupervisionTest, stopping_ends_a_roll_and_both_processes_of_a_worker) {
  begin();
  supervision_.roll();
  turn();
  supervision_.stop();
  EXPECT_THAT(turn(), ElementsAre(Order{What::stop, 0, 1}, Order{What::stop, 1, 2}, Order{What::stop, 2, 1}));
  for (unsigned place : {0U, 1U, 2U}) supervision_.ended(place);
  EXPECT_TRUE(supervision_.over());
}

}  // namespace
}  // namespace costagent
