#include <algorithm>
#include <deque>

#include "loadlab/engine/level_cursor.h"
#include "loadlab/engine/load_driver.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

// How long a user waits after it could not connect, as a person would before the next try; without it, users without
// think time would do nothing but open sockets to a target that is gone.
constexpr Nanoseconds kRetryPause = std::chrono::milliseconds(100);

class ClosedDriver final : public LoadDriver, public UserHost {
 public:
  ClosedDriver(LoadContext& context, Share share, SharedCount& taken)
      : context_(context),
        plan_(std::get<ClosedLoad>(context.load.model)),
        share_(share),
        taken_(taken),
        level_(plan_.users, share) {}

  void release(Nanoseconds now) override {
    while (next_due() <= now) {
      const Nanoseconds at = next_due();
      const bool rises = level_.next_rises();
      level_.advance();
      // Who leaves is told when its iteration is over, or comes due.
      if (rises) start(level_.users() - 1, at);
    }
  }

  Nanoseconds next_due() const override {
    if (context_.over || level_.next() == Nanoseconds::max()) return Nanoseconds::max();
    return context_.start + level_.next();
  }

  void stop() override {}

  int users() const override { return context_.over ? context_.in_flight : active_; }

  bool finished() const override {
    if (context_.used_up) return active_ == 0;
    if (plan_.shared_iterations) return active_ == 0 && taken_ >= *plan_.shared_iterations;
    return plan_.iterations && active_ == 0 && next_due() == Nanoseconds::max();
  }

 private:
  struct Seat {
    Seat(LoadContext& context, UserHost& host, std::uint32_t number) : user(context, host, number) {}
    VirtualUser user;
    std::uint64_t iterations = 0;  // begun
    bool active = false;           // within an iteration, or asleep before the next
  };

  // A user who comes back while its last iteration still goes on just goes on with it.
  void start(std::size_t index, Nanoseconds at) {
    if (index == seats_.size()) {
      const std::size_t number = static_cast<std::size_t>(share_.part) + index * static_cast<std::size_t>(share_.parts);
      seats_.emplace_back(context_, *this, static_cast<std::uint32_t>(number));
    }
    Seat& seat = seats_[index];
    if (seat.active || !take_iteration(seat)) return;
    seat.active = true;
    ++active_;
    if (!seat.user.begin(at)) rest(seat);
  }

  bool take_iteration(Seat& seat) {
    if (context_.used_up) return false;
    if (plan_.iterations && seat.iterations == *plan_.iterations) return false;
    if (plan_.shared_iterations && taken_.fetch_add(1, std::memory_order_relaxed) >= *plan_.shared_iterations)
      return false;
    ++seat.iterations;
    return true;
  }

  std::size_t index_of(const VirtualUser& user) const { return user.number() / static_cast<std::size_t>(share_.parts); }

  void rest(Seat& seat) {
    seat.active = false;
    --active_;
  }

  void iteration_over(VirtualUser& user, Nanoseconds at, Nanoseconds next, bool connected) override {
    if (!connected) next = std::max(next, at + kRetryPause);
    if (next > at && !context_.over) return user.sleep_until(next);
    iteration_due(user, at);
  }

  void iteration_due(VirtualUser& user, Nanoseconds planned) override {
    const std::size_t index = index_of(user);
    Seat& seat = seats_[index];
    if (context_.over || index >= level_.users() || !take_iteration(seat)) return rest(seat);
    if (!user.begin(planned)) rest(seat);
  }

  LoadContext& context_;
  const ClosedLoad& plan_;
  Share share_;
  SharedCount& taken_;
  LevelCursor level_;
  std::deque<Seat> seats_;
  int active_ = 0;
};

}  // namespace

std::unique_ptr<LoadDriver> closed_driver(LoadContext& context, Share share, SharedCount& taken) {
  return std::make_unique<ClosedDriver>(context, share, taken);
}

}  // namespace loadlab
