// A Store whose parts are of one database and share its connections. For sqlite_store.cc and postgres_store.cc.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "costagent/store/open_store.h"

namespace costagent {

// The parts are made from the pool, which they use as long as they live; facts need a clock, too.
template <class Pool, class Facts, class State, class Jobs, class Leases, class Watch, class Feedback>
class StoreOf final : public Store {
 public:
  StoreOf(std::unique_ptr<Pool> pool, std::string identity, std::string instance, const base::Clock& clock)
      : pool_(std::move(pool)),
        identity_(std::move(identity)),
        instance_(std::move(instance)),
        facts_(*pool_, clock),
        state_(*pool_),
        jobs_(*pool_),
        leases_(*pool_),
        watch_(*pool_),
        feedback_(*pool_) {}
  FactStore& facts() override { return facts_; }
  StateStore& state() override { return state_; }
  JobStore& jobs() override { return jobs_; }
  LeaseStore& leases() override { return leases_; }
  WatchStore& watch() override { return watch_; }
  FeedbackStore& feedback() override { return feedback_; }
  DatabaseUse use() const override { return pool_->use(); }
  const std::string& identity() const override { return identity_; }
  const std::string& instance() const override { return instance_; }

 private:
  std::unique_ptr<Pool> pool_;
  const std::string identity_;
  const std::string instance_;
  Facts facts_;
  State state_;
  Jobs jobs_;
  Leases leases_;
  Watch watch_;
  Feedback feedback_;
};

}  // namespace costagent
