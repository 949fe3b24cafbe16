#include "costagent/api/admission.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "base/deadline.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Ticket = Admission::Ticket;

class AdmissionTest : public testing::Test {
 protected:
  Admission& admission() {
    if (!admission_) admission_.emplace(options_, clock_);
    return *admission_;
  }
  // A new request's ticket, after what was made of it.
  Ticket& enter(Weight weight = Weight::light, Nanoseconds allowed = base::kNoDeadline) {
    const auto deadline = allowed == base::kNoDeadline ? allowed : clock_.monotonic() + allowed;
    Ticket& ticket = tickets_.emplace_back(weight, deadline);
    apply(admission().enter(ticket));
    return ticket;
  }
  void leave(Ticket& ticket) {
    at_work_.erase(&ticket);
    apply(admission().leave(ticket));
  }
  void apply(const Admission::Moves& moves) {
    if (moves.begin != nullptr) at_work_.insert(moves.begin);
    refused_ += moves.refused.size();
  }
  bool at_work(Ticket& ticket) const { return at_work_.contains(&ticket); }
  // So that the paces and times are known: `count` requests, one after the other, `each` long.
  void handle(int count, Nanoseconds each, Weight weight = Weight::light) {
    for (int i = 0; i < count; ++i) {
      Ticket& ticket = enter(weight);
      clock_.advance(each);
      leave(ticket);
    }
  }

  base::FakeClock clock_;
  AdmissionOptions options_;
  std::optional<Admission> admission_;
  std::deque<Ticket> tickets_;
  std::set<Ticket*> at_work_;
  std::size_t refused_ = 0;
};

TEST_F(AdmissionTest, as_many_as_there_are_workers_begin_and_the_others_follow_in_order) {
  options_.workers = 2;
  Ticket& first = enter();
  Ticket& second = enter();
  Ticket& third = enter();
  Ticket& fourth = enter();
  EXPECT_TRUE(at_work(first) && at_work(second));
  EXPECT_FALSE(at_work(third) || at_work(fourth));
  EXPECT_EQ(admission().load().in_flight, 4u);
  EXPECT_EQ(admission().load().waiting, 2u);
  clock_.advance(milliseconds(3));
  leave(second);
  EXPECT_TRUE(at_work(third));
  EXPECT_EQ(third.waited(), milliseconds(3));
  leave(first);
  leave(third);
  EXPECT_TRUE(at_work(fourth));
  leave(fourth);
  EXPECT_EQ(admission().load().in_flight, 0u);
  EXPECT_EQ(refused_, 0u);
}

TEST_F(AdmissionTest, no_more_wait_than_can_be_begun_soon) {
  EXPECT_EQ(admission().load().limit, options_.max_in_flight) << "nothing is known yet";
  handle(200, milliseconds(10));
  handle(200, milliseconds(125), Weight::heavy);
  enter();
  int waiting = 0;
  while (enter().refusal() == Refusal::none) ++waiting;
  EXPECT_EQ(waiting, Admission::kTarget / milliseconds(10));
  EXPECT_EQ(tickets_.back().refusal(), Refusal::full);
  EXPECT_EQ(admission().load().limit, 1u + 50u + 4u) << "a worker, and who may wait for it of each weight";
  EXPECT_TRUE(admission().load().overloaded);
}

TEST_F(AdmissionTest, never_more_than_the_bound_are_in_flight) {
  options_.workers = 8;
  options_.max_in_flight = 5;
  for (int i = 0; i < 20; ++i) enter();
  EXPECT_EQ(admission().load().in_flight, 5u);
  EXPECT_EQ(admission().load().limit, 5u);
  EXPECT_EQ(refused_, 15u);
}

TEST_F(AdmissionTest, neither_weight_takes_all_places_from_the_other) {
  options_.max_in_flight = 101;
  for (const Weight weight : {Weight::light, Weight::heavy}) {
    admission_.reset();
    enter();
    for (int i = 0; i < 200; ++i) enter(weight);
    const Weight other = weight == Weight::light ? Weight::heavy : Weight::light;
    const std::size_t waiting = admission().load().waiting;
    EXPECT_EQ(waiting, weight == Weight::light ? 75u : 50u);
    for (int i = 0; i < 200; ++i) enter(other);
    EXPECT_EQ(admission().load().waiting, 100u);
  }
}

TEST_F(AdmissionTest, however_slow_they_are_each_worker_has_one_to_go_on_with) {
  options_.workers = 3;
  handle(1, seconds(60));
  for (int i = 0; i < 3; ++i) enter();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(enter().refusal(), Refusal::none);
  EXPECT_EQ(enter().refusal(), Refusal::full);
}

TEST_F(AdmissionTest, what_can_not_be_answered_in_time_is_refused_when_it_comes) {
  handle(200, milliseconds(10));
  Ticket& alone = enter(Weight::light, milliseconds(1));
  EXPECT_TRUE(at_work(alone)) << "nobody knows yet how long this one takes";
  EXPECT_EQ(enter(Weight::light, milliseconds(19)).refusal(), Refusal::deadline);
  EXPECT_EQ(enter(Weight::light, milliseconds(21)).refusal(), Refusal::none);
  EXPECT_EQ(enter(Weight::light, milliseconds(29)).refusal(), Refusal::deadline);
  EXPECT_EQ(enter(Weight::light, Nanoseconds(0)).refusal(), Refusal::deadline);
  EXPECT_FALSE(admission().load().overloaded) << "callers in a hurry are no overload";
}

TEST_F(AdmissionTest, one_whose_time_is_over_when_its_turn_comes_is_not_worked_on) {
  handle(200, milliseconds(10));
  Ticket& slow = enter();
  Ticket& hurried = enter(Weight::light, milliseconds(25));
  Ticket& patient = enter();
  clock_.advance(milliseconds(20));
  leave(slow);
  EXPECT_EQ(hurried.refusal(), Refusal::deadline);
  EXPECT_TRUE(at_work(patient));
}

TEST_F(AdmissionTest, once_the_oldest_has_waited_for_long_the_newest_goes_first) {
  handle(200, milliseconds(10));
  Ticket& stuck = enter();
  Ticket& oldest = enter();
  Ticket& second = enter();
  clock_.advance(Admission::kPatience + milliseconds(1));
  Ticket& newest = enter();
  EXPECT_EQ(oldest.refusal(), Refusal::stale) << "nothing moves, and the newest has its place";
  leave(stuck);
  EXPECT_TRUE(at_work(newest));
  EXPECT_EQ(second.refusal(), Refusal::none);
  leave(newest);
  EXPECT_TRUE(at_work(second)) << "it is not too old yet";
}

TEST_F(AdmissionTest, before_that_a_full_queue_refuses_who_comes) {
  handle(200, milliseconds(10));
  Ticket& stuck = enter();
  Ticket& oldest = enter();
  clock_.advance(Admission::kPatience - milliseconds(1));
  EXPECT_EQ(enter().refusal(), Refusal::full);
  leave(stuck);
  EXPECT_TRUE(at_work(oldest));
}

TEST_F(AdmissionTest, waiting_out_its_patience_is_answered_by_sweeping) {
  Ticket& stuck = enter();
  Ticket& waiting = enter();
  Ticket& hurried = enter(Weight::light, milliseconds(100));
  clock_.advance(milliseconds(101));
  apply(admission().sweep());
  EXPECT_EQ(hurried.refusal(), Refusal::deadline);
  EXPECT_EQ(waiting.refusal(), Refusal::none);
  clock_.advance(Admission::kStale);
  apply(admission().sweep());
  EXPECT_EQ(waiting.refusal(), Refusal::stale);
  EXPECT_EQ(admission().load().waiting, 0u);
  leave(stuck);
  EXPECT_EQ(admission().load().in_flight, 0u);
}

TEST_F(AdmissionTest, where_requests_take_long_who_was_let_in_is_not_dropped_for_it) {
  handle(1, seconds(1));
  Ticket& busy = enter();
  Ticket& waiting = enter();
  clock_.advance(Admission::kStale + seconds(1));
  apply(admission().sweep());
  EXPECT_EQ(waiting.refusal(), Refusal::none);
  leave(busy);
  EXPECT_TRUE(at_work(waiting));
}

TEST_F(AdmissionTest, a_client_that_is_gone_is_not_worked_on) {
  Ticket& busy = enter();
  Ticket& gone = enter();
  Ticket& next = enter();
  apply(admission().withdraw(gone));
  EXPECT_EQ(gone.refusal(), Refusal::gone);
  apply(admission().withdraw(busy));
  EXPECT_EQ(busy.refusal(), Refusal::none) << "it has begun";
  leave(busy);
  EXPECT_TRUE(at_work(next));
  EXPECT_EQ(refused_, 1u);
}

TEST_F(AdmissionTest, closed_it_refuses_who_waits_and_who_comes) {
  Ticket& busy = enter();
  Ticket& waiting = enter();
  EXPECT_TRUE(at_work(busy));
  apply(admission().close());
  EXPECT_EQ(waiting.refusal(), Refusal::stopped);
  EXPECT_EQ(enter().refusal(), Refusal::stopped);
  leave(busy);
}

TEST_F(AdmissionTest, heavy_ones_leave_a_worker_to_the_light_ones) {
  options_.workers = 3;
  Ticket& one = enter(Weight::heavy);
  Ticket& two = enter(Weight::heavy);
  Ticket& three = enter(Weight::heavy);
  Ticket& light = enter();
  EXPECT_TRUE(at_work(one) && at_work(two) && at_work(light));
  EXPECT_FALSE(at_work(three));
  leave(light);
  EXPECT_FALSE(at_work(three));
  leave(one);
  EXPECT_TRUE(at_work(three));
}

TEST_F(AdmissionTest, one_heavy_one_is_worked_on_however_many_light_ones_wait) {
  options_.workers = 2;
  Ticket& first = enter();
  enter();
  for (int i = 0; i < 10; ++i) enter();
  Ticket& heavy = enter(Weight::heavy);
  leave(first);
  EXPECT_TRUE(at_work(heavy));
}

TEST_F(AdmissionTest, a_single_worker_is_for_all) {
  Ticket& heavy = enter(Weight::heavy);
  Ticket& light = enter();
  EXPECT_TRUE(at_work(heavy));
  leave(heavy);
  EXPECT_TRUE(at_work(light));
}

TEST_F(AdmissionTest, callers_are_told_to_come_back_when_the_queue_is_gone_and_not_all_at_once) {
  EXPECT_GE(admission().retry_after_s(), 1u);
  handle(1, seconds(3));
  enter();
  enter();
  std::set<unsigned> told;
  for (int i = 0; i < 200; ++i) told.insert(admission().retry_after_s());
  EXPECT_EQ(*told.begin(), 6u) << "one at work and one that waits";
  EXPECT_EQ(*told.rbegin(), 18u);
  EXPECT_EQ(told.size(), 13u);
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(admission().retry_after_s(), 30u);
}

TEST_F(AdmissionTest, many_threads_lose_nobody) {
  options_.workers = 3;
  options_.max_in_flight = 64;
  base::SystemClock clock;
  Admission admission(options_, clock);
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  std::atomic<int> begun{0};
  std::atomic<int> refused{0};
  std::vector<std::unique_ptr<Ticket>> tickets;
  for (int i = 0; i < kThreads * kRounds; ++i) {
    tickets.push_back(std::make_unique<Ticket>(i % 5 == 0 ? Weight::heavy : Weight::light, base::kNoDeadline));
  }
  // Who is told of a beginning works on it, and on what begins by its end.
  const auto apply = [&](Admission::Moves moves) {
    for (;;) {
      refused += static_cast<int>(moves.refused.size());
      if (moves.begin == nullptr) return;
      ++begun;
      moves = admission.leave(*moves.begin);
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kRounds; ++i) {
        Ticket& ticket = *tickets[static_cast<std::size_t>(thread * kRounds + i)];
        apply(admission.enter(ticket));
        if (i % 7 == 0) apply(admission.withdraw(ticket));
        if (i % 31 == 0) apply(admission.sweep());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  apply(admission.close());
  EXPECT_EQ(begun + refused, kThreads * kRounds);
  EXPECT_EQ(admission.load().in_flight, 0u);
}

}  // namespace
}  // namespace costagent
