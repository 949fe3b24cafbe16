#include <deque>

#include "loadlab/engine/load_driver.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

// The part-th of `parts` nearly equal shares of a whole number.
int share_of(int whole, Share share) { return whole / share.parts + (share.part < whole % share.parts ? 1 : 0); }

class OpenDriver final : public LoadDriver, public UserHost {
 public:
  OpenDriver(UserContext& context, const OpenLoad& load, Share share, Nanoseconds start)
      : context_(context),
        start_(start),
        share_(share),
        max_users_(static_cast<std::size_t>(std::max(1, share_of(load.max_users, share)))),
        max_waiting_(static_cast<std::size_t>(share_of(load.max_waiting, share))) {
    const RateProfile profile{load.rate, load.ramp_up};
    schedule_ = load.arrivals == Arrivals::poisson ? poisson_arrivals(profile, share, context.test.seed)
                                                   : uniform_arrivals(profile, share);
    next_arrival_ = start_ + schedule_->next();
  }

  void release(Nanoseconds now) override {
    while (!waiting_.empty() && has_room()) {
      const Nanoseconds planned = waiting_.front();
      waiting_.pop_front();
      take_user().begin(planned);
    }
    while (next_arrival_ <= now) {
      arrive(next_arrival_);
      next_arrival_ = start_ + schedule_->next();
    }
  }

  Nanoseconds next_due() const override { return next_arrival_; }

  void stop() override {
    context_.recorder->dropped += waiting_.size();
    waiting_.clear();
    next_arrival_ = Nanoseconds::max();
  }

  int users() const override { return static_cast<int>(users_.size() - free_.size()); }

 private:
  bool has_room() const { return !free_.empty() || users_.size() < max_users_; }

  void arrive(Nanoseconds planned) {
    if (has_room()) {
      take_user().begin(planned);
    } else if (waiting_.size() < max_waiting_) {
      waiting_.push_back(planned);
    } else {
      ++context_.recorder->dropped;
    }
  }

  // The user that was freed last, whose connection is the least likely to have been closed meanwhile, or a new one.
  VirtualUser& take_user() {
    if (free_.empty()) {
      const std::uint64_t index =
          users_.size() * static_cast<std::uint64_t>(share_.parts) + static_cast<std::uint64_t>(share_.part);
      return users_.emplace_back(context_, *this, context_.test.seed * 1'000'003 + index);
    }
    VirtualUser& user = *free_.back();
    free_.pop_back();
    return user;
  }

  // Arrivals that wait are begun by `release`, later in the same turn of the loop: here they would be begun from within
  // the failure of the one before, one nested in the other.
  void iteration_over(VirtualUser& user, Nanoseconds, Nanoseconds, bool) override { free_.push_back(&user); }

  UserContext& context_;
  Nanoseconds start_;
  Share share_;
  std::size_t max_users_;
  std::size_t max_waiting_;
  std::unique_ptr<ArrivalSchedule> schedule_;
  Nanoseconds next_arrival_{0};
  std::deque<VirtualUser> users_;
  std::vector<VirtualUser*> free_;
  std::deque<Nanoseconds> waiting_;  // planned starts
};

}  // namespace

std::unique_ptr<LoadDriver> open_driver(UserContext& context, const OpenLoad& load, Share share, Nanoseconds start) {
  return std::make_unique<OpenDriver>(context, load, share, start);
}

}  // namespace loadlab
