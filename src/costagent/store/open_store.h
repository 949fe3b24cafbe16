// Opens the database that a URL names.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/domain/database_use.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/feedback_store.h"
#include "costagent/domain/job_store.h"
#include "costagent/domain/lease.h"
#include "costagent/domain/state_store.h"
#include "costagent/domain/watch_store.h"

namespace costagent {

// Facts, state, jobs, leases, what is remembered of watched files, and feedback, of one agent. Thread-safe, as its
// interfaces are; whoever uses them must go before it does.
class Store {
 public:
  virtual ~Store() = default;
  virtual FactStore& facts() = 0;
  virtual StateStore& state() = 0;
  virtual JobStore& jobs() = 0;
  virtual LeaseStore& leases() = 0;
  virtual WatchStore& watch() = 0;
  virtual FeedbackStore& feedback() = 0;
  virtual DatabaseUse use() const = 0;
  // Tells this database from any other, a copy of it aside: drawn at random when it was made.
  virtual const std::string& identity() const = 0;
  // The same, and tells copies apart as well: a file by its inode, a database of a server by the server's and its own
  // number. Changes where a database is moved.
  virtual const std::string& instance() const = 0;
};

// How a database server is used; a file is not.
struct StoreOptions {
  // Sessions at most, of one process. Threads that ask at once and job runners, with a few to spare; more than a few
  // for each of the server's cores make nothing quicker.
  std::size_t sessions = 8;
  // Processes that open the same database with these options: the server must have room for all.
  std::size_t workers = 1;
  // Of a file: one that isn't there fails with `not_found`, rather than being made. For who only reads, a mistyped name
  // is no wish for a database of that name.
  bool must_exist = false;
};

// Of one of these forms; other ones fail with `invalid`. Whatever fails, no password is told.
//
// `sqlite:PATH`: makes the file where there is none (its folder must exist) and brings an older one up to date. Fails
// with `corrupt` when the file isn't a database of ours or was written by a newer version (it is then left as it is),
// and `io` when it can't be opened or written.
//
// `postgresql://USER@HOST:PORT/DATABASE`, as libpq has it: makes the schema `costagent` there, or brings it up to date.
// A password is best left to PGPASSWORD or ~/.pgpass, as command lines are seen by everybody. Fails with `unavailable`
// when the server is away, `corrupt` as above, and `invalid` when it is older than 15, has too little room, or the role
// may not make the schema.
base::Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options = {});

// The same with a clock for what is measured in hours; it must outlive the store.
base::Result<std::unique_ptr<Store>> open_store(const std::string& url, const base::Clock& clock,
                                                const StoreOptions& options = {});

}  // namespace costagent
