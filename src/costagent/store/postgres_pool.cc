#include "costagent/store/postgres_pool.h"

#include <algorithm>
#include <cassert>
#include <new>

#include "base/deadline.h"
#include "base/log.h"
#include "costagent/store/postgres_queries.h"

namespace costagent {
namespace {

using base::ErrorKind;
using base::Nanoseconds;
using namespace std::chrono_literals;

constexpr const char* kApplication = "costagent";
constexpr int kOldestServer = 150'000;

// A server that works takes a connection within milliseconds; a caller with more time is told sooner. Who has less
// makes one nevertheless, as the others need it: a crowd in which everybody gives up halfway would never have any.
constexpr Nanoseconds kConnecting = 5s;
constexpr Nanoseconds kLeastConnecting = 250ms;
// The same for a question that needs no work.
constexpr Nanoseconds kAsking = 1s;

constexpr Nanoseconds kFirstWait = 50ms;
constexpr Nanoseconds kLongestWait = 2s;

// The wait after so many failures in a row.
Nanoseconds wait_after(unsigned failures) {
  return std::min(kFirstWait * (1U << std::min(failures - 1, 10U)), kLongestWait);
}

base::Failure no_time() {
  return base::fail(ErrorKind::timeout, "the time for this was over before a session with PostgreSQL was free");
}

Nanoseconds earlier(Nanoseconds until, Nanoseconds from_now) {
  return std::min(until, base::SystemClock::monotonic_now() + from_now);
}

}  // namespace

PostgresPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      session_(std::move(other.session_)),
      start_(other.start_),
      until_(other.until_) {}

PostgresPool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->give_back(std::move(*session_), start_);
}

PostgresPool::PostgresPool(PostgresPoolOptions options, const base::Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

PostgresPool::~PostgresPool() { assert(leases_.empty() && waiting_.empty()); }

base::Result<std::unique_ptr<PostgresPool>> PostgresPool::open(PostgresPoolOptions options, const base::Clock& clock,
                                                               Nanoseconds until) {
  assert(options.size > 0 && options.workers > 0);
  std::unique_ptr<PostgresPool> pool(new PostgresPool(std::move(options), clock));
  auto first = pool->connect(until);
  if (!first) return base::pass_on(first);
  if (first->server_version() < kOldestServer) {
    return base::fail_field("database", "the server is PostgreSQL {}; 15 or newer is needed",
                            first->server_version() / 10'000);
  }
  if (const auto limited = pool->limit_size(*first, until); !limited) return base::pass_on(limited);
  pool->idle_.reserve(pool->options_.size);  // so that what comes back needs no memory
  pool->idle_.push_back({std::move(*first), clock.monotonic()});
  pool->open_ = 1;
  pool->counts_.made = 1;
  return pool;
}

base::Result<> PostgresPool::limit_size(io::Postgres& session, Nanoseconds until) {
  const auto rows = session.run(postgres::kRoom, {}, until);
  if (!rows) return base::pass_on(rows);
  const auto room = static_cast<std::size_t>(std::max<std::int64_t>(rows->integer(0, 0), 0));
  const std::size_t share = room / (options_.workers + 1);
  if (share < kLeastSize) {
    return base::fail_field("database",
                            "PostgreSQL takes {} sessions of ours, and {} workers need {}: {} for each, and as many "
                            "while one is replaced; raise its max_connections, or start fewer workers",
                            room, options_.workers, (options_.workers + 1) * kLeastSize, kLeastSize);
  }
  if (share < options_.size) {
    base::log(base::LogLevel::warn,
              "PostgreSQL takes {} sessions of ours, so that each of {} workers has {} of them rather than {}", room,
              options_.workers, share, options_.size);
    options_.size = share;
  }
  return {};
}

base::Result<PostgresPool::Lease> PostgresPool::lend(Nanoseconds until) {
  const auto stale = take_stale();
  auto place = take_place(until);
  if (!place) return base::pass_on(place);
  // Given back unless it becomes a lease, be it for want of memory.
  struct Taken {
    PostgresPool* pool;
    ~Taken() {
      if (pool != nullptr) pool->give_place(std::nullopt);
    }
  } taken{this};
  auto session = session_of(std::move(*place), until);
  if (!session) return base::pass_on(session);
  const std::lock_guard lock(mutex_);
  leases_.push_back(clock_.monotonic());
  ++counts_.lent;
  taken.pool = nullptr;
  return Lease(*this, std::move(*session), std::prev(leases_.end()), until);
}

// The mutex is held.
bool PostgresPool::is_away() const { return failures_ > 0 && (trying_ || clock_.monotonic() < next_try_); }

base::Result<std::optional<PostgresPool::Idle>> PostgresPool::take_place(Nanoseconds until) {
  std::unique_lock lock(mutex_);
  if (waiting_.empty() && !idle_.empty()) {
    std::optional<Idle> session(std::move(idle_.back()));
    idle_.pop_back();
    return session;
  }
  // While the server takes no more sessions, those that there are will come back.
  if (waiting_.empty() && open_ < options_.size && (open_ == 0 || !is_away())) {
    ++open_;
    return std::optional<Idle>();
  }
  Waiter waiter;
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  const Nanoseconds before = base::SystemClock::monotonic_now();
  const bool granted =
      waiter.granted.wait_for(lock, std::max(until - before, Nanoseconds(0)), [&] { return waiter.has_place; });
  counts_.waited += base::SystemClock::monotonic_now() - before;
  if (granted) return std::move(waiter.session);
  waiting_.erase(place);
  ++counts_.timeouts;
  if (base::deadline_passed()) return no_time();
  return base::fail(ErrorKind::unavailable, "all {} sessions with PostgreSQL are in use; try again later",
                    options_.size);
}

// The session of the place, or a new one if it broke meanwhile.
base::Result<io::Postgres> PostgresPool::session_of(std::optional<Idle> place, Nanoseconds until) {
  if (place) {
    bool good = place->session.still_open();
    if (good && clock_.monotonic() - place->since >= kTrusted)
      good = place->session.run(postgres::kAreYouThere, {}, earlier(until, kAsking)).has_value();
    if (good) return std::move(place->session);
    const std::lock_guard lock(mutex_);
    ++counts_.broken;
  }
  place.reset();
  return make(until);
}

base::Result<io::Postgres> PostgresPool::make(Nanoseconds until) {
  if (base::SystemClock::monotonic_now() >= until) return no_time();
  {
    const std::lock_guard lock(mutex_);
    if (is_away()) return base::fail(ErrorKind::unavailable, "{}", why_away_);
    if (failures_ > 0) trying_ = true;
  }
  std::optional<base::Result<io::Postgres>> made;
  try {
    made = connect(until);
  } catch (const std::bad_alloc&) {
    // That says nothing of the server: the next one tries.
    const std::lock_guard lock(mutex_);
    trying_ = false;
    throw;
  }
  const std::lock_guard lock(mutex_);
  trying_ = false;
  if (*made) {
    failures_ = 0;
    ++counts_.made;
  } else if (base::SystemClock::monotonic_now() < until) {  // whoever had next to no time knows nothing of the server
    ++failures_;
    next_try_ = clock_.monotonic() + wait_after(failures_);
    why_away_ = made->error().message;
  }
  return std::move(*made);
}

base::Result<io::Postgres> PostgresPool::connect(Nanoseconds until) const {
  const Nanoseconds now = base::SystemClock::monotonic_now();
  const Nanoseconds end = std::clamp(until, now + kLeastConnecting, now + kConnecting);
  auto session = io::Postgres::connect(options_.url, kApplication, end - base::SystemClock::monotonic_now());
  if (!session) return session;
  const auto set = session->query(postgres::kSetUpSession, end - base::SystemClock::monotonic_now());
  if (!set) return base::pass_on(set);
  return session;
}

void PostgresPool::give_back(io::Postgres session, Lease::Start start) {
  const bool good = session.is_open() && session.is_idle();
  {
    const std::lock_guard lock(mutex_);
    ++counts_.returned;
    leases_.erase(start);
    if (!good) ++counts_.broken;
  }
  if (good) {
    give_place(Idle{std::move(session), clock_.monotonic()});
  } else {
    give_place(std::nullopt);
  }
}

// To who has waited for longest, be it that he learns sooner that the server is away. He is woken with the mutex held:
// what wakes him is his own, and goes when he does.
void PostgresPool::give_place(std::optional<Idle> session) {
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty()) {
    grant(std::move(session));
  } else if (session) {
    idle_.push_back(std::move(*session));
  } else {
    --open_;
  }
  // They waited because no more could be made, which may be over.
  while (!waiting_.empty() && open_ < options_.size && !is_away()) {
    ++open_;
    grant(std::nullopt);
  }
}

void PostgresPool::grant(std::optional<Idle> session) {
  Waiter& next = *waiting_.front();
  waiting_.pop_front();
  next.session = std::move(session);
  next.has_place = true;
  next.granted.notify_one();
}

// Sessions to be closed, out of the lock.
std::vector<PostgresPool::Idle> PostgresPool::take_stale() {
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = clock_.monotonic();
  const auto fresh =
      std::find_if(idle_.begin(), idle_.end(), [&](const Idle& idle) { return now - idle.since < kIdle; });
  std::vector<Idle> stale(std::make_move_iterator(idle_.begin()), std::make_move_iterator(fresh));
  idle_.erase(idle_.begin(), fresh);
  open_ -= stale.size();
  return stale;
}

DatabaseUse PostgresPool::use() const {
  const std::lock_guard lock(mutex_);
  DatabaseUse use;
  use.size = options_.size;
  use.in_use = leases_.size();
  use.waiting = waiting_.size();
  use.sessions = counts_;
  use.sessions->open = open_;
  if (!leases_.empty()) use.sessions->oldest = clock_.monotonic() - leases_.front();
  return use;
}

}  // namespace costagent
