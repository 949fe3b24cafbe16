// Who is worked on, who waits, and who is refused: overload control without threads and sockets.
//
// Workers are few, and under more load than they can bear a queue without a bound makes every answer late: all the work
// is then done for callers who have gone. So a request waits only where it will be begun soon, and what can't be is
// refused before any work is done on it, at once, so that its caller can go elsewhere.
//
// - The limit adapts. How many may wait is what can be begun within kTarget (Little 1961), by the pace at which the
//   queue was lately seen to move. As in CoDel (Nichols and Jacobson 2012) it is the delay that is controlled and not a
//   length: a slow disk makes the queue shorter by itself. A gradient of handling times (TCP Vegas, Brakmo 1995;
//   Netflix concurrency-limits 2018) was not taken, as an answer from the cache takes a hundredth of the same answer
//   without it: a change of what is asked for would read as congestion.
// - First come, first served, until the oldest has waited for kPatience: the queue was let in at a pace that no longer
//   holds. Then the newest goes first, whose caller is the likeliest to be there still, and what has waited for kStale
//   is dropped ("Fail at Scale", Maurer 2015).
// - A request whose deadline would be over before its answer is refused: on its arrival, or when its turn comes.
// - Heavy requests never hold every worker, and wait in a lane of their own, so that they keep out no light one; and at
//   least one of them is worked on however many light ones there are.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "costagent/api/server_load.h"

namespace costagent {

enum class Weight { light, heavy };

// Why a request is not worked on.
enum class Refusal {
  none,
  full,      // those before it would take too long
  deadline,  // its deadline would be over before its answer
  stale,     // it has waited for so long that newer ones went first
  gone,      // its client has ended the connection meanwhile
  stopped,   // the server ends
  crowded,   // too many connections are open
  unread,    // too much is answered that nobody has read yet
};
inline constexpr std::size_t kRefusals = 8;
std::string_view name_of(Refusal refusal);

struct AdmissionOptions {
  unsigned workers = 1;
  std::size_t max_in_flight = 256;  // the limit's own
  std::uint64_t seed = 1;           // of what is drawn for Retry-After
};

// Thread-safe. The clock must outlive it.
class Admission {
 public:
  // A queue this long is felt, but better than a refusal, after which a caller comes back in a second at the earliest.
  // Much shorter, and it would refuse for nothing but chance where there is enough room on average: of requests that
  // take 20 ms and keep two workers busy for 85 % of the time, one in fifty waits for longer than half of this.
  static constexpr std::chrono::milliseconds kTarget{500};
  // Both are longer for a lane whose requests take long: twice and four times what its workers take for one each.
  static constexpr std::chrono::milliseconds kPatience{1000};
  // Who had been refused at once would have come back by then.
  static constexpr std::chrono::milliseconds kStale{2500};

  // One request. Its owner keeps it where it is from `enter` until it was told of its refusal or has left.
  class Ticket {
   public:
    // The deadline is a moment of the clock, or base::kNoDeadline.
    Ticket(Weight weight, base::Nanoseconds deadline) : weight_(weight), deadline_(deadline) {}
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    Weight weight() const { return weight_; }
    base::Nanoseconds deadline() const { return deadline_; }
    // Both are for the owner, once it was told.
    Refusal refusal() const { return refusal_; }
    base::Nanoseconds waited() const { return begun_ - arrived_; }

   private:
    friend class Admission;
    const Weight weight_;
    const base::Nanoseconds deadline_;
    base::Nanoseconds arrived_{0};
    base::Nanoseconds begun_{0};
    Refusal refusal_ = Refusal::none;
    bool waiting_ = false;
    Ticket* older_ = nullptr;
    Ticket* newer_ = nullptr;
  };

  // What the caller has to see to, without a lock held: whom to work on, and whom to tell that it is refused.
  struct Moves {
    Ticket* begin = nullptr;
    std::vector<Ticket*> refused{};
  };

  Admission(const AdmissionOptions& options, const base::Clock& clock);

  // A request has come: it is in the moves, unless it waits.
  Moves enter(Ticket& ticket);

  // What had begun is done.
  Moves leave(const Ticket& ticket);

  // Refuses those that have waited for too long: to be called some ten times a second, for the case that nothing
  // leaves.
  Moves sweep();

  // Its client is gone: refused, if it waits still.
  Moves withdraw(Ticket& ticket);

  // Refuses all that wait and all that come.
  Moves close();

  // After how many seconds a refused caller may come back, 1 to 30: when what waits now will be gone, and up to three
  // times as late at random, so that those who are refused together don't come back together.
  unsigned retry_after_s();

  ServerLoad load() const;

 private:
  // Requests of one weight.
  struct Lane {
    unsigned most = 1;        // workers that it may have
    std::size_t longest = 1;  // places to wait, whatever the pace
    unsigned running = 0;
    std::size_t waiting = 0;
    Ticket* oldest = nullptr;
    Ticket* newest = nullptr;
    base::Nanoseconds moved{0};     // when one that had waited was last begun, or the first began to wait
    base::Nanoseconds pace{0};      // from one beginning to the next while some wait, on average
    base::Nanoseconds handling{0};  // on average
  };

  Lane& lane_of(const Ticket& ticket) { return lanes_[static_cast<std::size_t>(ticket.weight_)]; }
  static base::Nanoseconds expected_wait(const Lane& lane, base::Nanoseconds now);
  static base::Nanoseconds or_its_turns(base::Nanoseconds bound, unsigned turns, const Lane& lane);
  static bool lags(const Lane& lane, base::Nanoseconds now);
  static Refusal too_late(const Lane& lane, const Ticket& ticket, base::Nanoseconds now);
  bool has_room(const Lane& lane, base::Nanoseconds now) const;
  std::size_t in_flight() const;
  Lane* next_lane();
  void begin(Lane& lane, Ticket& ticket, base::Nanoseconds now, Moves& moves);
  void begin_next(base::Nanoseconds now, Moves& moves);
  static void push(Lane& lane, Ticket& ticket, base::Nanoseconds now);
  static void remove(Lane& lane, Ticket& ticket);
  void refuse(Ticket& ticket, Refusal why, base::Nanoseconds now, Moves& moves);

  const unsigned workers_;
  const std::size_t max_in_flight_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::array<Lane, 2> lanes_;
  unsigned running_ = 0;
  base::Nanoseconds overloaded_until_{0};
  base::Random random_;
  bool closed_ = false;
};

}  // namespace costagent
