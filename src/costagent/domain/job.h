// Work that a caller asked for and need not wait for. A plain value.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace costagent {

// A job is queued, then running, and in the end done, failed or cancelled. An attempt that fails for a reason that may
// pass, or whose worker is gone, leads back to queued, as long as an attempt is left. `failed` is a dead letter: it is
// kept with its error, and may be queued again by hand.
enum class JobState { queued, running, done, failed, cancelled };

// As finely as every store keeps it.
using JobTime = std::chrono::sys_time<std::chrono::microseconds>;

inline JobTime job_time(base::UtcTime time) { return std::chrono::floor<std::chrono::microseconds>(time); }

struct Job {
  std::string id;        // unguessable, as it is all that a caller shows to ask for the job
  std::string kind;      // which handler runs it: "collect"
  std::string customer;  // may be empty: nobody's
  std::string payload;   // a JSON object that the kind's handler reads
  std::string key;       // no two unfinished jobs of a customer have the same; empty: none
  int priority = 0;      // higher ones go first, whosever they are
  JobState state = JobState::queued;
  bool cancelling = false;  // it runs, and has been told to stop
  int attempts = 0;         // begun, the running one included
  int max_attempts = 1;
  std::int64_t claims = 0;  // how often a worker took it, attempts that don't count included
  std::string worker;       // who took it last
  // When something is to be done about it next: of a queued job from when on it may be claimed, of a running one when
  // its lease ends, of one that ended when it is forgotten.
  JobTime due{};
  double progress = 0;  // of the last attempt, 0 to 1
  std::string note;     // a sentence with it: what the attempt is doing
  std::string result;   // a JSON object once done; else empty
  std::string error;    // a sentence: what was wrong with the last attempt; empty once done
  JobTime created{};
  JobTime started{};   // of the last attempt; the epoch before the first
  JobTime finished{};  // the epoch until then
};

inline bool has_ended(const Job& job) { return job.state != JobState::queued && job.state != JobState::running; }

// One worker's right to a job, until a time that the store knows. The number of the claim makes it this worker's: once
// the lease has run out and another worker has taken the job, what the first one still says of it counts nothing.
struct JobLease {
  std::string job;
  std::int64_t claim = 0;
};

inline JobLease lease_of(const Job& claimed) { return {claimed.id, claimed.claims}; }

// What a worker learns when it asks for more time.
enum class LeaseState {
  held,
  cancelled,  // still its own, but nobody wants the result any more
  lost,       // another worker's, or ended
};

struct JobProgress {
  double share = 0;  // 0 to 1
  std::string note{};
};

// How many jobs there are at a moment.
struct JobCounts {
  std::size_t queued = 0;
  std::size_t running = 0;
  std::size_t failed = 0;
  JobTime oldest{};  // when the oldest of the queued ones was created; the epoch if there is none
};

// What is listed: jobs of a state, newest first.
struct JobQuery {
  JobState state = JobState::failed;
  std::string customer{};  // empty: of all
  std::size_t limit = 50;
  std::size_t offset = 0;
};

}  // namespace costagent
