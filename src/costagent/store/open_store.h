// Opens the database that a URL names.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/domain/database_use.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/job_store.h"
#include "costagent/domain/lease.h"
#include "costagent/domain/state_store.h"

namespace costagent {

// Facts, state, jobs and leases of one agent. Thread-safe, as its interfaces are; whoever uses them must go before it
// does.
class Store {
 public:
  virtual ~Store() = default;
  virtual FactStore& facts() = 0;
  virtual StateStore& state() = 0;
  virtual JobStore& jobs() = 0;
  virtual LeaseStore& leases() = 0;
  virtual DatabaseUse use() const = 0;
  // Tells this database from any other, a copy of it aside: drawn at random when it was made.
  virtual const std::string& identity() const = 0;
};

// `sqlite:PATH`. Makes the file where there is none (its folder must exist) and brings an older one up to date. Fails
// with `invalid` on another form, `corrupt` when the file isn't a database of ours or was written by a newer version
// (it is then left as it is), and `io` when it can't be opened or written.
base::Result<std::unique_ptr<Store>> open_store(const std::string& url);

// The same with a clock for what is measured in hours; it must outlive the store.
base::Result<std::unique_ptr<Store>> open_store(const std::string& url, const base::Clock& clock);

}  // namespace costagent
