#include <cassert>
#include <deque>

#include "loadlab/engine/arrival_schedule.h"
#include "loadlab/engine/load_driver.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

// The part-th of `parts` nearly equal shares of a whole number.
int share_of(int whole, Share share) { return whole / share.parts + (share.part < whole % share.parts ? 1 : 0); }

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
    while (!waiting_.empty() && has_room()) {
      const Nanoseconds planned = waiting_.front();
      waiting_.pop_front();
      take_user().begin(planned);
    }
    while (next_arrival_ <= now) {
      arrive(next_arrival_);
      plan_next();
    }
  }

  Nanoseconds next_due() const override { return next_arrival_; }

  void stop() override {
    context_.worker.recorder->dropped += waiting_.size();
    waiting_.clear();
    next_arrival_ = Nanoseconds::max();
  }

  int users() const override { return static_cast<int>(users_.size() - free_.size()); }

  // A rate that has fallen to nothing is part of the load.
  bool finished() const override { return false; }

 private:
  void plan_next() {
    const Nanoseconds next = schedule_->next();
    next_arrival_ = next == Nanoseconds::max() ? next : context_.start + next;
  }

  bool has_room() const { return !free_.empty() || users_.size() < max_users_; }

  void arrive(Nanoseconds planned) {
    if (has_room()) {
      take_user().begin(planned);
    } else if (waiting_.size() < max_waiting_) {
      waiting_.push_back(planned);
    } else {
      ++context_.worker.recorder->dropped;
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
  std::size_t max_users_ = 1;
  std::size_t max_waiting_ = 0;
  std::unique_ptr<ArrivalSchedule> schedule_;
  Nanoseconds next_arrival_{0};
  std::deque<VirtualUser> users_;
  std::vector<VirtualUser*> free_;
  std::deque<Nanoseconds> waiting_;  // planned starts
};

}  // namespace

std::unique_ptr<LoadDriver> open_driver(LoadContext& context, Share share) {
  return std::make_unique<OpenDriver>(context, share);
}

}  // namespace loadlab
