#include "costagent/api/admission.h"

#include <algorithm>
#include <cassert>

#include "base/deadline.h"

namespace costagent {
namespace {

using base::Nanoseconds;

// One sample's weight in a mean: the last twenty or so count. (TCP takes 1/8 for its round-trip time, where samples are
// dearer: Jacobson 1988.)
constexpr int kSamples = 16;

// How long a refusal says that the server is overloaded.
constexpr std::chrono::seconds kOverloadTold{1};

constexpr unsigned kLongestRetryS = 30;

void take_sample(Nanoseconds& mean, Nanoseconds sample) {
  mean = mean.count() == 0 ? sample : mean + (sample - mean) / kSamples;
}

// Of four workers one is kept from the heavy, and of two as well; a single one is for all.
unsigned most_heavy(unsigned workers) { return std::max(1U, workers - std::max(1U, workers / 4)); }

}  // namespace

std::string_view name_of(Refusal refusal) {
  static constexpr std::array<std::string_view, kRefusals> kNames{"none", "full",    "deadline", "stale",
                                                                  "gone", "stopped", "crowded",  "unread"};
  return kNames[static_cast<std::size_t>(refusal)];
}

Admission::Admission(const AdmissionOptions& options, const base::Clock& clock)
    : workers_(static_cast<unsigned>(std::min<std::size_t>(options.workers, options.max_in_flight))),
      max_in_flight_(options.max_in_flight),
      clock_(clock),
      random_(options.seed) {
  assert(workers_ > 0);
  Lane& light = lanes_[static_cast<std::size_t>(Weight::light)];
  Lane& heavy = lanes_[static_cast<std::size_t>(Weight::heavy)];
  light.most = workers_;
  heavy.most = most_heavy(workers_);
  // Neither can take all the places from the other.
  const std::size_t places = max_in_flight_ - workers_;
  light.longest = places - places / 4;
  heavy.longest = places - places / 2;
}

std::size_t Admission::in_flight() const { return running_ + lanes_[0].waiting + lanes_[1].waiting; }

// Of one that comes now. A queue that hasn't moved for longer than usual may not move for as long again.
Nanoseconds Admission::expected_wait(const Lane& lane, Nanoseconds now) {
  const Nanoseconds next = lane.waiting == 0 ? lane.pace : std::max(lane.pace, now - lane.moved);
  return next + lane.pace * static_cast<std::int64_t>(lane.waiting);
}

// Where requests take long, those few that may wait always wait for longer than a queue of quick ones.
Nanoseconds Admission::or_its_turns(Nanoseconds bound, unsigned turns, const Lane& lane) {
  return std::max(bound, lane.pace * (turns * lane.most));
}

bool Admission::lags(const Lane& lane, Nanoseconds now) {
  return lane.oldest != nullptr && now - lane.oldest->arrived_ > or_its_turns(kPatience, 2, lane);
}

Refusal Admission::too_late(const Lane& lane, const Ticket& ticket, Nanoseconds now) {
  if (now - ticket.arrived_ > or_its_turns(kStale, 4, lane)) return Refusal::stale;
  if (ticket.deadline_ != base::kNoDeadline && now + lane.handling > ticket.deadline_) return Refusal::deadline;
  return Refusal::none;
}

// As many as the lane has workers may always wait, or a worker would have nothing to go on with.
bool Admission::has_room(const Lane& lane, Nanoseconds now) const {
  if (in_flight() >= max_in_flight_ || lane.waiting >= lane.longest) return false;
  return lane.waiting < lane.most || expected_wait(lane, now) <= kTarget;
}

Admission::Moves Admission::enter(Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = clock_.monotonic();
  Lane& lane = lane_of(ticket);
  Moves moves;
  ticket.arrived_ = now;
  if (closed_) {
    refuse(ticket, Refusal::stopped, now, moves);
  } else if (ticket.deadline_ <= now) {
    refuse(ticket, Refusal::deadline, now, moves);
  } else if (lane.waiting == 0 && running_ < workers_ && lane.running < lane.most) {
    begin(lane, ticket, now, moves);
  } else {
    const bool newest_first = lags(lane, now);
    const Nanoseconds wait = newest_first ? lane.pace : expected_wait(lane, now);
    if (ticket.deadline_ != base::kNoDeadline && now + wait + lane.handling > ticket.deadline_) {
      refuse(ticket, Refusal::deadline, now, moves);
    } else if (has_room(lane, now)) {
      push(lane, ticket, now);
    } else if (newest_first) {
      Ticket& oldest = *lane.oldest;
      remove(lane, oldest);
      refuse(oldest, Refusal::stale, now, moves);
      push(lane, ticket, now);
    } else {
      refuse(ticket, Refusal::full, now, moves);
    }
  }
  return moves;
}

Admission::Moves Admission::leave(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = clock_.monotonic();
  Lane& lane = lane_of(ticket);
  assert(lane.running > 0);
  --lane.running;
  --running_;
  take_sample(lane.handling, now - ticket.begun_);
  // While nobody waits there is no pace to be seen; this is what it would be.
  if (lane.waiting == 0) take_sample(lane.pace, (now - ticket.begun_) / lane.most);
  Moves moves;
  begin_next(now, moves);
  return moves;
}

Admission::Moves Admission::sweep() {
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = clock_.monotonic();
  Moves moves;
  for (Lane& lane : lanes_) {
    for (Ticket* ticket = lane.oldest; ticket != nullptr;) {
      Ticket& looked_at = *ticket;
      ticket = ticket->newer_;
      const Refusal why = too_late(lane, looked_at, now);
      if (why == Refusal::none) continue;
      remove(lane, looked_at);
      refuse(looked_at, why, now, moves);
    }
  }
  return moves;
}

Admission::Moves Admission::withdraw(Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  Moves moves;
  if (!ticket.waiting_) return moves;
  remove(lane_of(ticket), ticket);
  refuse(ticket, Refusal::gone, clock_.monotonic(), moves);
  return moves;
}

Admission::Moves Admission::close() {
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = clock_.monotonic();
  closed_ = true;
  Moves moves;
  for (Lane& lane : lanes_) {
    while (lane.oldest != nullptr) {
      Ticket& ticket = *lane.oldest;
      remove(lane, ticket);
      refuse(ticket, Refusal::stopped, now, moves);
    }
  }
  return moves;
}

unsigned Admission::retry_after_s() {
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = clock_.monotonic();
  Nanoseconds drained{0};
  for (const Lane& lane : lanes_) drained = std::max(drained, expected_wait(lane, now));
  const auto seconds =
      std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(drained).count(), 1, kLongestRetryS);
  const auto later = seconds + static_cast<std::int64_t>(random_.below(2 * static_cast<std::uint64_t>(seconds) + 1));
  return static_cast<unsigned>(std::min<std::int64_t>(later, kLongestRetryS));
}

ServerLoad Admission::load() const {
  const std::lock_guard lock(mutex_);
  ServerLoad load;
  load.in_flight = in_flight();
  load.waiting = lanes_[0].waiting + lanes_[1].waiting;
  load.overloaded = clock_.monotonic() < overloaded_until_;
  std::size_t room = 0;
  for (const Lane& lane : lanes_) {
    const std::size_t soon = lane.pace.count() == 0
                                 ? max_in_flight_
                                 : static_cast<std::size_t>(Nanoseconds(kTarget).count() / lane.pace.count());
    room += std::clamp<std::size_t>(soon, std::min<std::size_t>(lane.most, lane.longest), lane.longest);
  }
  load.waiting_limit = std::min(room, max_in_flight_ - workers_);
  load.limit = workers_ + load.waiting_limit;
  return load;
}

// Whose turn it is: of the heavy if none of them is at work, else of whom has waited for longest, if it may.
Admission::Lane* Admission::next_lane() {
  if (running_ >= workers_) return nullptr;
  Lane& light = lanes_[static_cast<std::size_t>(Weight::light)];
  Lane& heavy = lanes_[static_cast<std::size_t>(Weight::heavy)];
  const bool heavy_may = heavy.waiting > 0 && heavy.running < heavy.most;
  if (light.waiting == 0) return heavy_may ? &heavy : nullptr;
  if (heavy_may && (heavy.running == 0 || heavy.oldest->arrived_ < light.oldest->arrived_)) return &heavy;
  return &light;
}

void Admission::begin(Lane& lane, Ticket& ticket, Nanoseconds now, Moves& moves) {
  assert(moves.begin == nullptr);
  ticket.begun_ = now;
  ++lane.running;
  ++running_;
  moves.begin = &ticket;
}

void Admission::begin_next(Nanoseconds now, Moves& moves) {
  while (Lane* const lane = next_lane()) {
    Ticket& ticket = lags(*lane, now) ? *lane->newest : *lane->oldest;
    remove(*lane, ticket);
    if (const Refusal why = too_late(*lane, ticket, now); why != Refusal::none) {
      refuse(ticket, why, now, moves);
      continue;
    }
    take_sample(lane->pace, now - lane->moved);
    lane->moved = now;
    return begin(*lane, ticket, now, moves);
  }
}

void Admission::push(Lane& lane, Ticket& ticket, Nanoseconds now) {
  if (lane.waiting++ == 0) lane.moved = now;
  ticket.waiting_ = true;
  ticket.older_ = lane.newest;
  (lane.newest != nullptr ? lane.newest->newer_ : lane.oldest) = &ticket;
  lane.newest = &ticket;
}

void Admission::remove(Lane& lane, Ticket& ticket) {
  --lane.waiting;
  ticket.waiting_ = false;
  (ticket.older_ != nullptr ? ticket.older_->newer_ : lane.oldest) = ticket.newer_;
  (ticket.newer_ != nullptr ? ticket.newer_->older_ : lane.newest) = ticket.older_;
}

// A caller's own short deadline, or its going, says nothing of the server.
void Admission::refuse(Ticket& ticket, Refusal why, Nanoseconds now, Moves& moves) {
  ticket.refusal_ = why;
  ticket.begun_ = now;
  if (why == Refusal::full || why == Refusal::stale) overloaded_until_ = now + kOverloadTold;
  moves.refused.push_back(&ticket);
}

}  // namespace costagent
