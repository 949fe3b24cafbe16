#include "loadlab/engine/punctuality.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using base::Nanoseconds;

constexpr Nanoseconds kStart = 100s;

// A machine whose sleeps end late, by `late` and by a tenth of it in turn, and its worker, who sleeps for arrivals that
// come every `gap`.
class Sleeper {
 public:
  Sleeper(Nanoseconds gap, Nanoseconds late) : gap_(gap), late_(late) {}

  // How late the worker is for the arrivals to come, on the average.
  Nanoseconds play(int arrivals) {
    Nanoseconds lateness{0};
    for (int i = 0; i < arrivals; ++i) {
      due_ += gap_;
      while (now_ < due_) {
        const Nanoseconds then = now_;
        const Nanoseconds asleep = punctuality_.sleep(now_, due_);
        now_ += asleep.count() == 0 ? kLook : asleep + (++sleeps_ % 2 == 0 ? late_ : late_ / 10);
        punctuality_.woke(then, now_, false);
      }
      lateness += now_ - due_;
    }
    return lateness / arrivals;
  }

  const Punctuality& punctuality() const { return punctuality_; }
  double awake_share() const {
    return static_cast<double>(punctuality_.awake().count()) / static_cast<double>((now_ - kStart).count());
  }

 private:
  static constexpr Nanoseconds kLook = 1us;
  Nanoseconds gap_;
  Nanoseconds late_;
  int sleeps_ = 0;
  Punctuality punctuality_{kStart};
  Nanoseconds due_ = kStart;
  Nanoseconds now_ = kStart;
};

TEST(Punctuality, is_on_time_on_a_machine_that_wakes_late) {
  Sleeper sleeper(1ms, 70us);
  sleeper.play(1000);
  EXPECT_LE(sleeper.play(1000), 2us);
}

TEST(Punctuality, follows_a_machine_that_wakes_later_than_thought) {
  Sleeper sleeper(2ms, 180us);
  sleeper.play(1000);
  EXPECT_LE(sleeper.play(1000), 15us);
}

TEST(Punctuality, hardly_stays_awake_where_sleeps_end_in_time) {
  Sleeper sleeper(1ms, 2us);
  sleeper.play(5000);
  EXPECT_LE(sleeper.punctuality().early(), 6us);
}

TEST(Punctuality, is_awake_for_no_more_than_its_share) {
  Sleeper sleeper(200us, 100us);
  sleeper.play(100000);
  EXPECT_LE(sleeper.awake_share(), Punctuality::kAwakeShare + 0.01);
  EXPECT_GE(sleeper.awake_share(), Punctuality::kAwakeShare / 2);
}

TEST(Punctuality, learns_nothing_from_an_interrupted_sleep) {
  Punctuality punctuality(kStart);
  const Nanoseconds before = punctuality.early();
  const Nanoseconds asleep = punctuality.sleep(kStart, kStart + 1ms);
  punctuality.woke(kStart, kStart + asleep / 2, true);
  EXPECT_EQ(punctuality.early(), before);
  EXPECT_EQ(punctuality.awake(), 0ns);
}

TEST(Punctuality, sleeps_the_whole_time_once_its_share_is_spent) {
  Punctuality punctuality(kStart);
  EXPECT_EQ(punctuality.sleep(kStart, kStart + 50us), 0ns);
  punctuality.woke(kStart, kStart + 10ms, false);
  EXPECT_EQ(punctuality.sleep(kStart + 10ms, kStart + 11ms), 1ms);
}

}  // namespace
}  // namespace loadlab
