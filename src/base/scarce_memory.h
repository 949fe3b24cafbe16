// What becomes of a program for which there is no more memory. Without this, whatever cannot be allocated throws
// std::bad_alloc at once, be it the last few bytes by which an answer would have given back its megabytes.
#pragma once

#include <chrono>
#include <new>
#include <thread>

namespace base {

// From now on an allocation by `new` that fails waits a tenth of a second for others to give some back, and only then
// throws. What is too large for the machine is so refused a little later; what is small nearly always gets its share.
// For programs of several threads, early in main.
void wait_for_memory();

// A thread's work, until it returns: begun anew where there was no memory for a step of it, as what a thread throws
// ends the program. The work holds nothing that such an end would leave behind.
template <class Work>
void carry_on(Work work) {
  constexpr std::chrono::milliseconds kRest{10};
  for (;;) {
    try {
      work();
      return;
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(kRest);
    }
  }
}

}  // namespace base
