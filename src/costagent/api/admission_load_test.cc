// Admission under load, in a simulation: requests arrive at random at a multiple of what the workers can do, on a clock
// that jumps from one event to the next.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/deadline.h"
#include "base/random.h"
#include "costagent/api/admission.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Nanoseconds nanoseconds(double in_seconds) { return Nanoseconds(static_cast<std::int64_t>(in_seconds * 1e9)); }

// What became of a request.
struct Fate {
  Admission::Ticket ticket;
  Nanoseconds came;
  Nanoseconds told{0};  // of its refusal, or when it was answered
  bool answered = false;
  Fate(Weight weight, Nanoseconds deadline, Nanoseconds now) : ticket(weight, deadline), came(now) {}
};

// A kind of requests: exponential gaps between them, exponential times to handle one.
struct Stream {
  Weight weight = Weight::light;
  double rate = 0;              // a second
  double handling_seconds = 0;  // on average
  Nanoseconds allowed = seconds(5);
};

class Simulation {
 public:
  explicit Simulation(AdmissionOptions options) : admission_(options, clock_) {}

  std::vector<Stream> streams;
  double slowness = 1;  // handling times are so many times as long

  void run(Nanoseconds time) {
    const Nanoseconds end = clock_.monotonic() + time;
    std::vector<Nanoseconds> next;
    for (const Stream& stream : streams) next.push_back(after_gap(stream));
    Nanoseconds sweep = clock_.monotonic();
    for (;;) {
      const auto arrival = std::min_element(next.begin(), next.end());
      const Nanoseconds ends = at_work_.empty() ? Nanoseconds::max() : at_work_.begin()->first;
      const Nanoseconds now = std::min({*arrival, ends, sweep, end});
      clock_.advance(now - clock_.monotonic());
      if (now == end) return;
      if (now == sweep) {
        apply(admission_.sweep());
        sweep += milliseconds(20);
      } else if (now == ends) {
        finish();
      } else {
        const Stream& stream = streams[static_cast<std::size_t>(arrival - next.begin())];
        fates_.emplace_back(stream.weight, now + stream.allowed, now);
        handling_[&fates_.back().ticket] = stream.handling_seconds;
        by_ticket_[&fates_.back().ticket] = &fates_.back();
        apply(admission_.enter(fates_.back().ticket));
        *arrival = after_gap(stream);
      }
    }
  }

  // Of those that came from `since` on.
  std::size_t answered(Nanoseconds since, Weight weight = Weight::light) const {
    return count(since, weight, [](const Fate& fate) { return fate.answered; });
  }
  std::size_t refused(Nanoseconds since, Weight weight = Weight::light) const {
    return count(since, weight, [](const Fate& fate) { return fate.ticket.refusal() != Refusal::none; });
  }
  std::size_t refused_after(Nanoseconds waiting, Nanoseconds since, Weight weight = Weight::light) const {
    return count(since, weight, [&](const Fate& fate) {
      return fate.ticket.refusal() != Refusal::none && fate.told - fate.came > waiting;
    });
  }
  Nanoseconds wait(double percent, Nanoseconds since, Weight weight = Weight::light) const {
    std::vector<Nanoseconds> waits;
    for (const Fate& fate : fates_) {
      if (fate.came >= since && fate.answered && fate.ticket.weight() == weight) waits.push_back(fate.ticket.waited());
    }
    if (waits.empty()) return Nanoseconds::max();
    std::sort(waits.begin(), waits.end());
    return waits[std::min(waits.size() - 1,
                          static_cast<std::size_t>(percent / 100 * static_cast<double>(waits.size())))];
  }
  Nanoseconds last_refusal() const {
    Nanoseconds last{0};
    for (const Fate& fate : fates_) {
      if (fate.ticket.refusal() != Refusal::none) last = std::max(last, fate.told);
    }
    return last;
  }
  Nanoseconds now() const { return clock_.monotonic(); }
  const Admission& admission() const { return admission_; }

 private:
  template <class Which>
  std::size_t count(Nanoseconds since, Weight weight, Which which) const {
    return static_cast<std::size_t>(std::count_if(fates_.begin(), fates_.end(), [&](const Fate& fate) {
      return fate.came >= since && fate.ticket.weight() == weight && which(fate);
    }));
  }

  Nanoseconds after_gap(const Stream& stream) {
    if (stream.rate <= 0) return Nanoseconds::max();
    return clock_.monotonic() + nanoseconds(random_.exponential() / stream.rate);
  }

  void finish() {
    Fate& fate = *at_work_.begin()->second;
    at_work_.erase(at_work_.begin());
    fate.answered = true;
    fate.told = clock_.monotonic();
    apply(admission_.leave(fate.ticket));
  }

  void apply(const Admission::Moves& moves) {
    for (const Admission::Ticket* ticket : moves.refused) by_ticket_.at(ticket)->told = clock_.monotonic();
    if (moves.begin == nullptr) return;
    const double takes = handling_.at(moves.begin) * slowness * random_.exponential();
    at_work_.emplace(clock_.monotonic() + nanoseconds(takes), by_ticket_.at(moves.begin));
  }

  base::FakeClock clock_;
  Admission admission_;
  base::Random random_{7};
  std::deque<Fate> fates_;
  std::map<const Admission::Ticket*, double> handling_;
  std::map<const Admission::Ticket*, Fate*> by_ticket_;
  std::multimap<Nanoseconds, Fate*> at_work_;  // by when they end
};

// Three workers and 3 ms each.
constexpr double kCapacity = 1000;
AdmissionOptions three_workers() { return {.workers = 3, .max_in_flight = 256, .seed = 1}; }
Stream light(double rate) { return {Weight::light, rate, 0.003, seconds(5)}; }

TEST(AdmissionLoadTest, at_half_of_what_can_be_done_nobody_is_refused_or_waits_for_long) {
  Simulation simulation(three_workers());
  simulation.streams = {light(0.5 * kCapacity)};
  simulation.run(seconds(60));
  EXPECT_EQ(simulation.refused(Nanoseconds(0)), 0u);
  EXPECT_LT(simulation.wait(99.9, Nanoseconds(0)), milliseconds(50));
}

TEST(AdmissionLoadTest, at_all_that_can_be_done_nearly_all_is_answered) {
  Simulation simulation(three_workers());
  simulation.streams = {light(kCapacity)};
  simulation.run(seconds(60));
  EXPECT_GT(simulation.answered(Nanoseconds(0)), 0.97 * 60 * kCapacity);
}

TEST(AdmissionLoadTest, at_three_times_of_it_as_much_is_answered_as_ever_and_refusals_come_at_once) {
  Simulation simulation(three_workers());
  simulation.streams = {light(3 * kCapacity)};
  simulation.run(seconds(30));
  EXPECT_GT(simulation.answered(Nanoseconds(0)), 0.97 * 30 * kCapacity);
  EXPECT_LT(simulation.wait(99, Nanoseconds(0)), Admission::kPatience);
  const auto refused = static_cast<double>(simulation.refused(Nanoseconds(0)));
  EXPECT_GT(refused, 0.6 * 90 * kCapacity);
  EXPECT_LT(static_cast<double>(simulation.refused_after(milliseconds(5), Nanoseconds(0))), 0.01 * refused);
  EXPECT_LE(simulation.admission().load().limit, 256u);
}

TEST(AdmissionLoadTest, when_the_load_falls_all_is_as_before_within_five_seconds) {
  Simulation simulation(three_workers());
  simulation.streams = {light(3 * kCapacity)};
  simulation.run(seconds(20));
  const auto fell = simulation.now();
  simulation.streams = {light(0.5 * kCapacity)};
  simulation.run(seconds(20));
  EXPECT_LT(simulation.last_refusal() - fell, seconds(1));
  EXPECT_LT(simulation.wait(99.9, fell + seconds(1)), milliseconds(50));
  EXPECT_FALSE(simulation.admission().load().overloaded);
}

TEST(AdmissionLoadTest, a_burst_of_a_closed_crowd_is_answered) {
  Simulation simulation(three_workers());
  simulation.streams = {light(0.5 * kCapacity)};
  simulation.run(seconds(5));
  const auto burst = simulation.now();
  simulation.streams = {light(200 * kCapacity)};
  simulation.run(milliseconds(1));
  simulation.streams = {light(0.1 * kCapacity)};
  simulation.run(seconds(2));
  EXPECT_GT(simulation.answered(burst), 150u);
  EXPECT_LT(simulation.refused(burst), 40u);
}

TEST(AdmissionLoadTest, when_handling_slows_down_tenfold_the_queue_follows_and_recovers) {
  Simulation simulation(three_workers());
  simulation.streams = {light(0.9 * kCapacity)};
  simulation.run(seconds(10));
  simulation.slowness = 10;
  const auto slowed = simulation.now();
  simulation.run(seconds(10));
  EXPECT_GT(simulation.answered(slowed), 0.9 * 10 * kCapacity / 10);
  EXPECT_LT(simulation.wait(95, slowed + seconds(2)), Admission::kPatience);
  EXPECT_EQ(simulation.refused_after(Admission::kStale + milliseconds(30), slowed), 0u);
  simulation.slowness = 1;
  simulation.run(seconds(5));
  const auto recovered = simulation.now();
  simulation.run(seconds(20));
  EXPECT_LT(simulation.refused(recovered), 0.01 * 20 * kCapacity);
  EXPECT_GT(simulation.answered(recovered), 0.97 * 20 * 0.9 * kCapacity);
}

TEST(AdmissionLoadTest, slow_requests_keep_every_worker_busy_too) {
  // Six a second can be done of half a second each.
  Simulation simulation(three_workers());
  simulation.streams = {{Weight::light, 18, 0.5, seconds(5)}};
  simulation.run(seconds(300));
  EXPECT_GT(simulation.answered(Nanoseconds(0)), 0.95 * 300 * 6);
}

TEST(AdmissionLoadTest, many_heavy_requests_keep_no_light_one_out) {
  Simulation simulation(three_workers());
  // Of the heavy, twenty times what two workers can do; of the light, 60 % of what one can.
  simulation.streams = {{Weight::heavy, 400, 0.1, seconds(5)}, light(200)};
  simulation.run(seconds(60));
  EXPECT_EQ(simulation.refused(Nanoseconds(0)), 0u);
  EXPECT_LT(simulation.wait(99, Nanoseconds(0)), milliseconds(50));
  EXPECT_GT(simulation.answered(Nanoseconds(0), Weight::heavy), 0.95 * 60 * 20);
}

TEST(AdmissionLoadTest, many_light_requests_keep_no_heavy_one_out) {
  Simulation simulation(three_workers());
  simulation.streams = {light(3 * kCapacity), {Weight::heavy, 5, 0.1, seconds(5)}};
  simulation.run(seconds(60));
  EXPECT_GT(simulation.answered(Nanoseconds(0), Weight::heavy), 0.95 * 60 * 5);
  EXPECT_LT(simulation.wait(99, Nanoseconds(0), Weight::heavy), seconds(1));
  EXPECT_GT(simulation.answered(Nanoseconds(0)), 0.6 * 60 * kCapacity);
}

TEST(AdmissionLoadTest, callers_in_a_hurry_get_no_answer_that_comes_too_late) {
  Simulation simulation(three_workers());
  simulation.streams = {{Weight::light, 3 * kCapacity, 0.003, milliseconds(50)}};
  simulation.run(seconds(30));
  EXPECT_GT(simulation.answered(Nanoseconds(0)), 0.95 * 30 * kCapacity);
  EXPECT_LE(simulation.wait(100, Nanoseconds(0)), milliseconds(50));
}

}  // namespace
}  // namespace costagent
