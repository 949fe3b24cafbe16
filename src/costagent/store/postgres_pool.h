// A process's sessions with PostgreSQL: few, shared by all its threads, and never more than the server has room for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/domain/database_use.h"
#include "io/postgresql.h"

namespace costagent {

struct PostgresPoolOptions {
  std::string url;  // postgresql://…

  // Sessions at most. A session is a process of the server with some megabytes of its own; one that works keeps a core
  // of it busy, so that more than a few for each core make nothing quicker.
  std::size_t size = 8;

  // Processes that have such a pool. The server must have room for (workers + 1) × size sessions: the sessions of a
  // worker that was killed live on until the server notices, while the one that takes its place opens its own.
  std::size_t workers = 1;
};

// Thread-safe; it must outlive its leases. Whoever finds every session in use waits, in the order of coming, until its
// deadline. A session that broke, or on which something still runs when it comes back, is never lent again. While the
// server is away, whoever needs a new session is told so at once; one at a time tries again, after waits that double up
// to two seconds.
class PostgresPool {
 public:
  // With less than this for each worker, a job that holds one would stop all else.
  static constexpr std::size_t kLeastSize = 2;
  // A session that was idle for so long may have been cut by something on its way: it is asked before it is lent.
  static constexpr base::Nanoseconds kTrusted = std::chrono::seconds(30);
  // One that nobody needed for so long is closed.
  static constexpr base::Nanoseconds kIdle = std::chrono::minutes(10);

  // Makes a first session. A size for which the server has no room is lowered, which the log tells. Fails with
  // `unavailable` when the server is away, and `invalid` when it is older than 15 or has too little room for any size.
  // The clock tells how old things are, and must outlive the pool; deadlines are the system's monotonic clock's.
  static base::Result<std::unique_ptr<PostgresPool>> open(PostgresPoolOptions options, const base::Clock& clock,
                                                          base::Nanoseconds until);
  PostgresPool(const PostgresPool&) = delete;
  PostgresPool& operator=(const PostgresPool&) = delete;
  ~PostgresPool();

  // A session, until this goes; and the deadline it was asked for with.
  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    io::Postgres& operator*() { return *session_; }
    io::Postgres* operator->() { return &*session_; }
    base::Nanoseconds until() const { return until_; }

   private:
    friend class PostgresPool;
    using Start = std::list<base::Nanoseconds>::iterator;
    Lease(PostgresPool& pool, io::Postgres session, Start start, base::Nanoseconds until)
        : pool_(&pool), session_(std::move(session)), start_(start), until_(until) {}

    PostgresPool* pool_;
    std::optional<io::Postgres> session_;
    Start start_;
    base::Nanoseconds until_;
  };

  // Fails with `unavailable` when the server is away, or no session becomes free until then; with `timeout` in the
  // second case when the thread's own deadline (base/deadline.h) has passed, too. Who has to make a session may be up
  // to a quarter of a second late.
  base::Result<Lease> lend(base::Nanoseconds until);

  DatabaseUse use() const;

 private:
  struct Idle {
    io::Postgres session;
    base::Nanoseconds since;
  };
  // One who waits. A place is a session, or else the right to make one.
  struct Waiter {
    std::condition_variable granted;
    bool has_place = false;
    std::optional<Idle> session;
  };

  PostgresPool(PostgresPoolOptions options, const base::Clock& clock);
  base::Result<> limit_size(io::Postgres& session, base::Nanoseconds until);
  bool is_away() const;
  base::Result<std::optional<Idle>> take_place(base::Nanoseconds until);
  base::Result<io::Postgres> session_of(std::optional<Idle> place, base::Nanoseconds until);
  base::Result<io::Postgres> make(base::Nanoseconds until);
  base::Result<io::Postgres> connect(base::Nanoseconds until) const;
  void give_place(std::optional<Idle> session);
  void grant(std::optional<Idle> session);
  void give_back(io::Postgres session, Lease::Start start);
  std::vector<Idle> take_stale();

  PostgresPoolOptions options_;
  const base::Clock& clock_;

  mutable std::mutex mutex_;
  std::vector<Idle> idle_;  // that came back last is lent first
  std::list<Waiter*> waiting_;
  std::list<base::Nanoseconds> leases_;  // when they began, the oldest first
  std::size_t open_ = 0;
  SessionUse counts_;
  // Of the attempts to make one since the last that went well.
  unsigned failures_ = 0;
  bool trying_ = false;
  base::Nanoseconds next_try_{};
  std::string why_away_;
};

}  // namespace costagent
