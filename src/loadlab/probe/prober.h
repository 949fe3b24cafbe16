// Reads a probe again and again while a load runs, on a thread of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "loadlab/probe/probe.h"

namespace loadlab {

// Its owner's thread calls it; the probe itself is called by the thread within only. A probe that hangs delays neither
// the load nor another probe: what it doesn't say in time is a gap.
class Prober {
 public:
  // How long a probe may take at the beginning, and at the end, before the run goes on without it: longer than any of
  // their own time-outs.
  static constexpr base::Nanoseconds kPatience = std::chrono::seconds(4);

  Prober(std::unique_ptr<Probe> probe, base::Nanoseconds interval);
  Prober(Prober&&) noexcept = default;
  Prober& operator=(Prober&&) = delete;
  // A thread that hangs is left to itself, with all that it touches.
  ~Prober();

  // Reads at once, and then at every interval until it is stopped.
  void start();
  // Until the first reading is done, or the monotonic clock says `until`: several are waited for together.
  void await_first(base::Nanoseconds until) const;

  // Says when the test began, by the monotonic clock; series are told from then on.
  void begin_test(base::Nanoseconds start, base::Nanoseconds warm_up);

  // Asks for a last reading, and then for the thread's end, for which `await_end` waits in the same way.
  void stop();
  void await_end(base::Nanoseconds until);

  // The whole's metric as of the last reading; NaN where that failed.
  double latest(std::string_view metric) const;

  // As of now, without samples; and all of it, after the end.
  std::vector<ProbeSeries> summaries() const;
  std::vector<ProbeSeries> series() const;
  // After the end; nothing of a probe that hangs.
  std::vector<ProbeTable> tables();

  // Why the last try found nothing; empty if it did.
  std::string complaint() const;

  // The CPU time that the reading took so far.
  base::Nanoseconds cost() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace loadlab
