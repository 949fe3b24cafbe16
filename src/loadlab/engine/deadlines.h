// Time-outs that all last equally long: a queue in which the oldest is always the next to end, so that setting, lifting
// and looking are each a few instructions. Not thread-safe; one a worker and kind of time-out.
#pragma once

#include "base/clock.h"

namespace loadlab {

// Inherited by whoever can run into a time-out; it must lift itself before it goes.
class DeadlineHook {
 private:
  template <class Waiter>
  friend class Deadlines;

  DeadlineHook* previous_ = nullptr;
  DeadlineHook* next_ = nullptr;
  base::Nanoseconds at_{0};
  bool set_ = false;
};

template <class Waiter>
class Deadlines {
 public:
  explicit Deadlines(base::Nanoseconds timeout) : timeout_(timeout) {}

  // `now` never decreases from call to call.
  void set(Waiter& waiter, base::Nanoseconds now) {
    DeadlineHook& hook = waiter;
    hook.at_ = now + timeout_;
    hook.set_ = true;
    hook.previous_ = last_;
    hook.next_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_) = &hook;
    last_ = &hook;
  }

  void lift(Waiter& waiter) {
    DeadlineHook& hook = waiter;
    if (!hook.set_) return;
    hook.set_ = false;
    (hook.previous_ == nullptr ? first_ : hook.previous_->next_) = hook.next_;
    (hook.next_ == nullptr ? last_ : hook.next_->previous_) = hook.previous_;
  }

  bool empty() const { return first_ == nullptr; }
  base::Nanoseconds earliest() const { return first_->at_; }

  // Takes out the one that waits longest; there must be one.
  Waiter& pop() {
    Waiter& waiter = static_cast<Waiter&>(*first_);
    lift(waiter);
    return waiter;
  }

 private:
  base::Nanoseconds timeout_;
  DeadlineHook* first_ = nullptr;
  DeadlineHook* last_ = nullptr;
};

}  // namespace loadlab
