// A test's journeys made ready to be played: requests rendered ahead, steps numbered for the recorders.
//
// Immutable, and shared by all workers' threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "loadlab/engine/checks.h"
#include "loadlab/plan/plan.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/request.h"

namespace loadlab {

class Script {
 public:
  struct Step {
    std::unique_ptr<Request> request;
    const loadlab::Step& plan;
    std::size_t tally;  // steps of the same name are counted together
    Checks checks;
    Wanted wanted;  // of its answer

    // Whether more than its status is looked at.
    bool examines() const { return !checks.empty() || !plan.captures.empty(); }
  };
  struct Journey {
    std::vector<Step> steps;
    std::size_t variables = 0;
    Delay pacing;
  };

  // What the users of one load play.
  class Part {
   public:
    // A journey, chosen by weight.
    const Journey& choose(base::Random& random) const;

   private:
    friend class Script;
    std::vector<Journey> journeys_;
    std::vector<double> cumulative_weights_;
  };

  // The test must outlive the script.
  explicit Script(const Test& test);

  // Of the test's load with that index.
  const Part& part(std::size_t load) const { return parts_[load]; }

  // The names of the tallies, in the order the plan names them.
  const std::vector<std::string>& tally_names() const { return names_; }

  // What checks are called, in the order of the faults by which they fail. Checks of the same name are one kind.
  const std::vector<std::string>& check_names() const { return check_names_; }

 private:
  Step ready(const Test& test, const loadlab::Step& step);

  std::vector<Part> parts_;
  std::vector<std::string> names_;
  std::vector<std::string> check_names_;
};

}  // namespace loadlab
