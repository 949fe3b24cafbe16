#include "loadlab/engine/worker.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <thread>

#include "base/random.h"

namespace loadlab {

using base::Nanoseconds;
using base::SystemClock;
using std::chrono::seconds;

namespace {

// The longest sleep: how late an interrupt can be noticed.
constexpr Nanoseconds kLongestWait = std::chrono::milliseconds(50);

// Lateness is the generator's own fault and bends what it measures: a target that shares its cores does better to wait
// for a generator that asks for little than to be measured by one that waits for it. So where we may, workers run
// before everything that is not real-time; the kernel still keeps 5 % of each core for the rest, even from a worker
// that is always busy (sched(7), sched_rt_runtime_us). Where we may not, the measured lag decides what the result is
// worth.
void be_punctual() {
  sched_param lowest{};
  lowest.sched_priority = ::sched_get_priority_min(SCHED_RR);
  ::pthread_setschedparam(::pthread_self(), SCHED_RR, &lowest);
  // The kernel may end a sleep 50 µs late to save power.
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

}  // namespace

base::Result<std::unique_ptr<Worker>> Worker::create(const WorkerPlan& plan, Share share) {
  auto poller = Poller::create();
  if (!poller) return base::pass_on(poller);
  return std::unique_ptr<Worker>(new Worker(plan, share, std::move(*poller)));
}

Worker::Worker(const WorkerPlan& plan, Share share, Poller poller)
    : plan_(plan),
      share_(share),
      poller_(std::move(poller)),
      context_{plan.test, make_connector(plan.test, {poller_, plan.destination, static_cast<std::size_t>(share.part)}),
               plan.start + plan.test.warm_up, plan.values},
      next_second_(plan.start + seconds(1)),
      handed_over_at_(plan.start) {
  context_.recorder = plan.hand_over.take_empty();
  std::size_t stages = 0;
  for (std::size_t i = 0; i < plan.test.loads.size(); ++i) {
    const Load& load = plan.test.loads[i];
    const std::uint64_t seed = base::mix(plan.test.seed) + base::mix(i);
    const LoadContext context{context_, load, plan.script.part(i), plan.start + load.start,
                              stages,   seed, plan.setup_values};
    Part& part = parts_.emplace_back(Part{context, plan.start + load.end(), nullptr});
    part.driver = load.is_open() ? open_driver(part.context, share)
                                 : closed_driver(part.context, share, plan.iterations_taken[i]);
    stages += load.profile().stages().size();
    // Without a core to spare, to stay awake would keep the target from its work.
    if (load.is_open() && share.parts < static_cast<int>(std::thread::hardware_concurrency()))
      punctuality_.emplace(plan.start);
  }
}

void Worker::run() {
  be_punctual();
  Nanoseconds due = Nanoseconds::max();
  for (;;) {
    const Nanoseconds now = SystemClock::monotonic_now();
    context_.recorder->note_wake(now - due);
    if (!stopping_) end_loads(now);
    if (now >= hand_over_due()) hand_over(now);
    end_exchanges(now);
    if (stopping_) {
      if (in_flight() == 0) break;
    } else {
      wake_sleepers(now);
      for (Part& part : parts_) {
        if (!part.context.over) part.driver->release(now);
      }
    }
    due = next_wake();
    wait(due);
  }
  hand_over_last(SystemClock::monotonic_now());
}

void Worker::end_loads(Nanoseconds now) {
  const bool told = plan_.stop.load(std::memory_order_relaxed);
  const int users_until_now = users();
  bool all_over = true;
  for (Part& part : parts_) {
    if (part.context.over) continue;
    if (told || now >= part.end || part.driver->finished()) end_load(part, std::min(now, part.end));
    all_over = all_over && part.context.over;
  }
  if (!all_over) return;
  Nanoseconds last_end = plan_.start;
  for (const Part& part : parts_) last_end = std::max(last_end, part.end);
  stopping_ = true;
  stopped_at_ = std::min(now, last_end);
  users_at_stop_ = users_until_now;
  context_.timers.clear();
  drain_end_ = now + plan_.test.drain;
}

// Nominally at the end of the plan, whenever that is noticed: what was due before it is still begun.
void Worker::end_load(Part& part, Nanoseconds at) {
  wake_sleepers(at - Nanoseconds(1));
  part.driver->release(at - Nanoseconds(1));
  part.context.over = true;
  part.driver->stop();
}

int Worker::users() const {
  int users = 0;
  for (const Part& part : parts_) users += part.driver->users();
  return users;
}

int Worker::in_flight() const {
  int in_flight = 0;
  for (const Part& part : parts_) in_flight += part.context.in_flight;
  return in_flight;
}

// A drain of less than a second is told with the last second: on its own it would look like a slump at the end.
bool Worker::within_last_second(Nanoseconds now) const { return stopping_ && now < stopped_at_ + seconds(1); }

Nanoseconds Worker::hand_over_due() const {
  return stopping_ ? std::max(next_second_, stopped_at_ + seconds(1)) : next_second_;
}

void Worker::wake_sleepers(Nanoseconds now) {
  while (!context_.timers.empty() && context_.timers.earliest() <= now) context_.timers.pop().wake();
}

void Worker::end_exchanges(Nanoseconds now) {
  for (auto* deadlines : {&context_.connect_deadlines, &context_.request_deadlines}) {
    while (!deadlines->empty() && deadlines->earliest() <= now) deadlines->pop().time_out(now);
    if (!stopping_ || now < drain_end_) continue;
    while (!deadlines->empty()) deadlines->pop().cut_off(now);
  }
}

Nanoseconds Worker::next_wake() const {
  Nanoseconds at = std::min(hand_over_due(), SystemClock::monotonic_now() + kLongestWait);
  if (stopping_) {
    at = std::min(at, drain_end_);
  } else {
    for (const Part& part : parts_) {
      if (!part.context.over) at = std::min({at, part.end, part.driver->next_due()});
    }
    if (!context_.timers.empty()) at = std::min(at, context_.timers.earliest());
  }
  for (const auto* deadlines : {&context_.connect_deadlines, &context_.request_deadlines}) {
    if (!deadlines->empty()) at = std::min(at, deadlines->earliest());
  }
  return at;
}

Nanoseconds Worker::next_arrival() const {
  Nanoseconds at = Nanoseconds::max();
  for (const Part& part : parts_) {
    if (!part.context.over && part.context.load.is_open()) at = std::min(at, part.driver->next_due());
  }
  return at;
}

void Worker::wait(Nanoseconds due) {
  const Nanoseconds now = SystemClock::monotonic_now();
  if (!punctuality_ || due <= now || due != next_arrival()) {
    poller_.wait(due - now);
    return;
  }
  const bool interrupted = poller_.wait(punctuality_->sleep(now, due)) > 0;
  punctuality_->woke(now, SystemClock::monotonic_now(), interrupted);
}

// CPU time, without what it stayed awake for: that much more it could still do.
Nanoseconds Worker::busy() const {
  const Nanoseconds used = SystemClock::thread_cpu_now();
  return punctuality_ ? std::max(used - punctuality_->awake(), busy_until_then_) : used;
}

void Worker::hand_over(Nanoseconds now) {
  while (next_second_ <= now) next_second_ += seconds(1);
  auto empty = plan_.hand_over.take_empty();
  if (!empty) return;
  Delivery delivery = delivery_at(now, false);
  delivery.recorder = std::exchange(context_.recorder, std::move(empty));
  plan_.hand_over.deliver(std::move(delivery));
}

// The figures are of now; only what users' teardowns count comes after it.
void Worker::hand_over_last(Nanoseconds now) {
  while (next_second_ <= now) next_second_ += seconds(1);
  Delivery delivery = delivery_at(now, true);
  tear_users_down();
  delivery.recorder = std::move(context_.recorder);
  plan_.hand_over.deliver(std::move(delivery));
}

Delivery Worker::delivery_at(Nanoseconds now, bool last) {
  const Nanoseconds busy = this->busy();
  Delivery delivery;
  delivery.worker = static_cast<std::size_t>(share_.part);
  // The second that holds the last moment before now, or before the stop.
  const Nanoseconds moment = (last && within_last_second(now) ? stopped_at_
                              : last                          ? now
                                                              : next_second_ - seconds(1)) -
                             Nanoseconds(1);
  delivery.second = static_cast<int>(std::chrono::floor<seconds>(moment - plan_.start).count());
  delivery.last = last;
  delivery.users = last && within_last_second(now) ? users_at_stop_ : users();
  if (now > handed_over_at_) {
    delivery.busy =
        static_cast<double>((busy - busy_until_then_).count()) / static_cast<double>((now - handed_over_at_).count());
  }
  if (now > plan_.start) {
    delivery.busy_overall = static_cast<double>(busy.count()) / static_cast<double>((now - plan_.start).count());
  }
  delivery.at = now;
  delivery.last_answer = context_.last_answer;
  busy_until_then_ = busy;
  handed_over_at_ = now;
  return delivery;
}

void Worker::tear_users_down() {
  // All at once would be a burst that no test asked for.
  constexpr int kAtOnce = 50;
  drain_end_ = SystemClock::monotonic_now() + plan_.test.drain;
  std::size_t begun = 0;
  const auto& users = context_.to_tear_down;
  for (;;) {
    const Nanoseconds now = SystemClock::monotonic_now();
    while (next_second_ <= now) next_second_ += seconds(1);
    end_exchanges(now);
    while (now < drain_end_ && begun < users.size() && in_flight() < kAtOnce) users[begun++]->tear_down(now);
    if (in_flight() == 0 && (begun == users.size() || now >= drain_end_)) return;
    poller_.wait(next_wake() - now);
  }
}

}  // namespace loadlab
