// A test's journeys made ready to be played: requests rendered ahead, steps numbered for the recorders.
//
// Immutable, and shared by all workers' threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
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
    Wanted wanted;      // of its answer
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

 private:
  std::size_t tally_for(const std::string& name);

  std::vector<Part> parts_;
  std::vector<std::string> names_;
};

}  // namespace loadlab
