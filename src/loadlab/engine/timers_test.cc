#include "loadlab/engine/timers.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

TEST(Timers, wake_in_the_order_of_their_times) {
  struct Sleeper {
    base::Nanoseconds at{0};
  };
  base::Random random(5);
  std::vector<Sleeper> sleepers(1000);
  Timers<Sleeper> timers;
  for (Sleeper& sleeper : sleepers) {
    sleeper.at = base::Nanoseconds(static_cast<std::int64_t>(random.below(500)));
    timers.set(sleeper.at, sleeper);
  }
  base::Nanoseconds last{0};
  const Sleeper* previous = nullptr;
  while (!timers.empty()) {
    const base::Nanoseconds due = timers.earliest();
    const Sleeper& woken = timers.pop();
    EXPECT_EQ(woken.at, due);
    EXPECT_GE(due, last);
    if (previous != nullptr && due == last) {
      EXPECT_GT(&woken, previous) << "equal times keep the order they were set in";
    }
    last = due;
    previous = &woken;
  }
}

}  // namespace
}  // namespace loadlab
