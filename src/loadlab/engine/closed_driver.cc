#include <algorithm>
#include <deque>

#include "loadlab/engine/load_driver.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

// How long a user waits after it could not connect, as a person would before the next try; without it, users without
// think time would do nothing but open sockets to a target that is gone.
constexpr Nanoseconds kRetryPause = std::chrono::milliseconds(100);

class ClosedDriver final : public LoadDriver, public UserHost {
 public:
  ClosedDriver(UserContext& context, const ClosedLoad& load, Share share, Nanoseconds start) : context_(context) {
    for (int index = share.part; index < load.users; index += share.parts) {
      starts_.push_back(start + load.ramp_up * index / load.users);
      users_.emplace_back(context, *this, context.test.seed * 1'000'003 + static_cast<std::uint64_t>(index));
    }
  }

  void release(Nanoseconds now) override {
    while (started_ < starts_.size() && starts_[started_] <= now) {
      const std::size_t user = started_++;
      users_[user].begin(starts_[user]);
    }
  }

  Nanoseconds next_due() const override { return started_ < starts_.size() ? starts_[started_] : Nanoseconds::max(); }

  void stop() override { started_ = starts_.size(); }

  int users() const override { return context_.stopping ? context_.in_flight : static_cast<int>(started_); }

 private:
  void iteration_over(VirtualUser& user, Nanoseconds at, Nanoseconds think, bool connected) override {
    if (context_.stopping) return;
    if (!connected) think = std::max(think, kRetryPause);
    if (think.count() == 0) return user.begin(at);
    user.begin_at(at + think);
  }

  UserContext& context_;
  std::deque<VirtualUser> users_;
  std::vector<Nanoseconds> starts_;
  std::size_t started_ = 0;
};

}  // namespace

std::unique_ptr<LoadDriver> closed_driver(UserContext& context, const ClosedLoad& load, Share share,
                                          Nanoseconds start) {
  return std::make_unique<ClosedDriver>(context, load, share, start);
}

}  // namespace loadlab
