// Where the values come from that users don't capture: rows of data, and what is made.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "loadlab/plan/plan.h"

namespace loadlab {

// Gives out the rows of one source. Thread-safe, without a lock.
class Feeder {
 public:
  explicit Feeder(const DataSource& source) : source_(source) {}

  // The row for an iteration of a user; none where each has been given out once. `user` is its number among all of its
  // load, `random` its own.
  std::optional<std::size_t> next(std::uint32_t user, base::Random& random);

  const DataSource& source() const { return source_; }

  // How often there was no row.
  std::uint64_t misses() const;

 private:
  const DataSource& source_;
  // On a cache line of its own, as all workers write to it.
  alignas(64) std::atomic<std::uint64_t> taken_ = 0;
};

// Of one test; shared by all workers' threads.
class ValueSources {
 public:
  // Whether a journey, or an errand, can begin.
  enum class Rows { taken, none, none_ever };

  // Both must outlive it.
  ValueSources(const Test& test, const base::Clock& clock);

  // Sets the variables that are filled at the begin. `none`: a source is used up, and it can't begin; `none_ever`: its
  // load ends with it.
  Rows begin(const Fill& fill, std::uint32_t user, base::Random& random, std::vector<std::string>& variables);

  void draw(const std::vector<Draw>& draws, base::Random& random, std::vector<std::string>& variables);

  // A sentence for each source that was used up: what ended its load, or what was dropped.
  std::vector<std::string> endings() const;
  std::vector<std::string> shortages() const;

 private:
  const base::Clock& clock_;
  std::deque<Feeder> feeders_;  // by index into Test::data
  alignas(64) std::atomic<std::uint64_t> counted_ = 0;
};

}  // namespace loadlab
