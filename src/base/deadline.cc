#include "base/deadline.h"

#include <algorithm>

namespace base {
namespace {

thread_local Nanoseconds deadline_of_thread = kNoDeadline;

}  // namespace

DeadlineScope::DeadlineScope(Nanoseconds deadline) : around_(deadline_of_thread) {
  deadline_of_thread = std::min(around_, deadline);
}

DeadlineScope::~DeadlineScope() { deadline_of_thread = around_; }

Nanoseconds current_deadline() { return deadline_of_thread; }

bool deadline_passed() {
  return deadline_of_thread != kNoDeadline && deadline_of_thread <= SystemClock::monotonic_now();
}

Nanoseconds time_left(Nanoseconds most) {
  if (deadline_of_thread == kNoDeadline) return most;
  return std::clamp(deadline_of_thread - SystemClock::monotonic_now(), Nanoseconds(0), most);
}

}  // namespace base
