// A step's checks, besides that of the status, made ready to be held against its answers.
//
// Immutable, and shared by all workers' threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loadlab/engine/answer.h"
#include "loadlab/plan/plan.h"

namespace loadlab {

class Checks {
 public:
  // `check` must outlive it. `faults` are the kinds of error by which its expectations fail, one for each.
  Checks(const Check& check, std::vector<Fault> faults);
  ~Checks();
  Checks(Checks&&) noexcept;

  bool empty() const { return expectations_.empty(); }

  // What they must be given of an answer.
  Wanted wanted() const;

  // The kind of the first that the answer doesn't meet, in the plan's order; else none. What lies behind the end of a
  // body that was cut is not there.
  Fault first_failed(Answer& answer, const std::vector<std::string>& variables) const;

 private:
  struct Ready;

  std::vector<Ready> expectations_;
};

}  // namespace loadlab
