#include <cassert>
#include <deque>

#include "loadlab/engine/arrival_schedule.h"
#include "loadlab/engine/load_driver.h"

namespace loadlab {
namespace {

using base::Nanoseconds;
using base::SystemClock;

// The part-th of `parts` nearly equal shares of a whole number.
int share_of(int whole, Share share) { return whole / share.parts + (share.part < whole % share.parts ? 1 : 0); }

// Iterations begun in one turn of the worker's loop: beyond them answers, time-outs and the end of the test come first.
constexpr int kMostAtOnce = 100;

class OpenDriver final : public LoadDriver, public UserHost {
 public:
  OpenDriver(LoadContext& context, Share share) : context_(context), share_(share) {
    const auto& plan = std::get<OpenLoad>(context.load.model);
    max_users_ = static_cast<std::size_t>(std::max(1, share_of(plan.max_users, share)));
    max_waiting_ = static_cast<std::size_t>(share_of(plan.max_waiting, share));
    schedule_ = arrivals_of(plan, share, context.seed);
    plan_next();
  }

  void release(Nanoseconds now) override {
    int begun = 0;
    for (; !waiting_.empty() && has_room() && begun < kMostAtOnce; ++begun) {
      const Nanoseconds planned = waiting_.front();
      waiting_.pop_front();
      begin(planned);
    }
    // What comes due while another is sent goes out right after it.
    for (; next_arrival_ <= now && begun < kMostAtOnce; ++begun) {
      arrive(next_arrival_);
      plan_next();
      if (next_arrival_ > now) now = std::min(SystemClock::monotonic_now(), end_ - Nanoseconds(1));
    }
    // Whatever else is due waits for no more than a look at the sockets and the clock.
    more_is_due_ = next_arrival_ <= now || (!waiting_.empty() && has_room());
  }

  Nanoseconds next_due() const override { return more_is_due_ ? Nanoseconds(0) : next_arrival_; }

  void stop() override {
    for (; next_arrival_ < end_ && next_arrival_ <= SystemClock::monotonic_now(); plan_next())
      ++context_.worker.recorder->dropped;
    context_.worker.recorder->dropped += waiting_.size() + static_cast<std::size_t>(context_.setting_up);
    waiting_.clear();
    next_arrival_ = Nanoseconds::max();
    more_is_due_ = false;
  }

  int users() const override { return static_cast<int>(users_.size() - free_.size()); }

  // A rate that has fallen to nothing is part of the load; data that is used up is its end.
  bool finished() const override { return context_.used_up && users() == 0; }

 private:
  void plan_next() {
    const Nanoseconds next = context_.used_up ? Nanoseconds::max() : schedule_->next();
    next_arrival_ = next == Nanoseconds::max() ? next : context_.start + next;
  }

  bool has_room() const { return !free_.empty() || users_.size() < max_users_; }

  void arrive(Nanoseconds planned) {
    // Those that came before it are begun before it.
    if (has_room() && waiting_.empty()) {
      begin(planned);
    } else if (waiting_.size() < max_waiting_) {
      waiting_.push_back(planned);
    } else {
      ++context_.worker.recorder->dropped;
    }
  }

  // Where all users there may be had been at work, the arrival waited for the first of them that was freed: the free
  // ones lie in the order in which they were.
  void begin(Nanoseconds planned) {
    const bool at_limit = users_.size() == max_users_;
    const Nanoseconds available = at_limit ? std::max(planned, free_.front()->free_since()) : planned;
    VirtualUser& user = take_user();
    if (!user.begin(planned, available)) turn_away(user);
  }

  // There is no row for it: it is dropped, or was one too many of a load that has come to its end.
  void turn_away(VirtualUser& user) {
    free_.push_back(&user);
    if (!context_.used_up) {
      ++context_.worker.recorder->dropped;
    } else {
      waiting_.clear();
      next_arrival_ = Nanoseconds::max();
    }
  }

  // The user that was freed last, whose connection is the least likely to have been closed meanwhile, or a new one.
  VirtualUser& take_user() {
    if (free_.empty()) {
      const std::size_t number =
          users_.size() * static_cast<std::size_t>(share_.parts) + static_cast<std::size_t>(share_.part);
      return users_.emplace_back(context_, *this, static_cast<std::uint32_t>(number));
    }
    VirtualUser& user = *free_.back();
    free_.pop_back();
    return user;
  }

  // Arrivals that wait are begun by `release`, later in the same turn of the loop: here they would be begun from within
  // the failure of the one before, one nested in the other.
  void iteration_over(VirtualUser& user, Nanoseconds, Nanoseconds, bool) override { free_.push_back(&user); }

  // Its users never sleep between iterations.
  void iteration_due(VirtualUser&, Nanoseconds) override { assert(false); }

  LoadContext& context_;
  Share share_;
  Nanoseconds end_ = context_.start + context_.load.duration;
  std::size_t max_users_ = 1;
  std::size_t max_waiting_ = 0;
  std::unique_ptr<ArrivalSchedule> schedule_;
  Nanoseconds next_arrival_{0};
  bool more_is_due_ = false;
  std::deque<VirtualUser> users_;
  std::vector<VirtualUser*> free_;
  std::deque<Nanoseconds> waiting_;  // planned starts
};

}  // namespace

std::unique_ptr<LoadDriver> open_driver(LoadContext& context, Share share) {
  return std::make_unique<OpenDriver>(context, share);
}

}  // namespace loadlab
