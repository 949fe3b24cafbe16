// Until when what this thread does is still of use to somebody.
//
// A request's deadline has to reach what waits on its behalf: a connection pool, a lock, a statement. It is ambient,
// bound to the thread, because everything in between (services, stores' interfaces, pure functions) would only hand it
// on: a parameter in every signature, and forgotten in one of them. Who begins work sets it for as long as that lasts;
// who waits asks for it. Work that is handed to another thread takes it along by a scope of its own there.
//
// Deadlines are moments of SystemClock::monotonic_now(), the clock by which condition variables and databases wait.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace base {

// The moment that never comes: there is no deadline.
inline constexpr Nanoseconds kNoDeadline = Nanoseconds::max();

// Sets the calling thread's deadline until it goes; the one around it holds on where it is earlier. Scopes end in the
// reverse order of their beginning, on the thread they began on.
class DeadlineScope {
 public:
  explicit DeadlineScope(Nanoseconds deadline);
  ~DeadlineScope();
  DeadlineScope(const DeadlineScope&) = delete;
  DeadlineScope& operator=(const DeadlineScope&) = delete;

 private:
  const Nanoseconds around_;
};

// The calling thread's; kNoDeadline where nobody set one.
Nanoseconds current_deadline();

// Whether it is over. Reads the clock only where there is one.
bool deadline_passed();

// How long something may be waited for: at most `most`, and no longer than the deadline leaves; zero once that is over.
Nanoseconds time_left(Nanoseconds most);

}  // namespace base
