#include "base/scarce_memory.h"

#include <chrono>
#include <new>
#include <thread>

namespace base {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{100};
constexpr milliseconds kPause{2};
// The library calls the handler again and again for one allocation; calls further apart are of different ones.
constexpr milliseconds kApart{50};

void wait_or_throw() {
  thread_local Clock::time_point first{};
  thread_local Clock::time_point last{};
  const auto now = Clock::now();
  if (now - last > kApart) first = now;
  last = now;
  if (now - first >= kPatience) {
    last = {};
    throw std::bad_alloc();
  }
  std::this_thread::sleep_for(kPause);
}

}  // namespace

void wait_for_memory() { std::set_new_handler(wait_or_throw); }

}  // namespace base
