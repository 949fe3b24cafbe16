// A test's journeys made ready to be played: requests rendered ahead, steps numbered for the recorders.
//
// Immutable, and shared by all workers' threads.
#pragma once

#include <memory>
#include <optional>
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
    std::size_t tally;  // steps of the same name are counted together; of no meaning in an errand
    Checks checks;
    Wanted wanted;                       // of its answer
    std::optional<std::size_t> group{};  // whose tally it is part of
    bool begins_group = false;
    bool ends_group = false;

    // How an answer that took `duration` to come fails; none if it is a success. Then what it captures is in its
    // variables' slots.
    Fault judge(const Reply& reply, base::Nanoseconds duration, std::vector<std::string>& variables) const;
  };
  struct Journey {
    std::vector<Step> steps;
    std::size_t variables = 0;
    const Fill* fill = nullptr;  // the plan's
    Delay pacing{};

    // It has values of its own to begin with.
    bool has_values() const { return variables > 0 || !fill->rows.empty() || !fill->draws.empty(); }
  };

  // What the users of one load play.
  class Part {
   public:
    // A journey, chosen by weight.
    const Journey& choose(base::Random& random) const;

    // What each user does once; without steps where there is nothing to do.
    const Journey& setup() const { return setup_; }
    const Journey& teardown() const { return teardown_; }
    bool has_errands() const { return !setup_.steps.empty() || !teardown_.steps.empty(); }

   private:
    friend class Script;
    Journey setup_;
    Journey teardown_;
    std::vector<Journey> journeys_;
    std::vector<double> cumulative_weights_;
  };

  // The test must outlive the script.
  explicit Script(const Test& test);

  // Of the test's load with that index.
  const Part& part(std::size_t load) const { return parts_[load]; }

  // The names of the tallies, in the order the plan names them.
  const std::vector<std::string>& tally_names() const { return names_; }

  // The names of the groups, by the number of their tally.
  const std::vector<std::string>& group_names() const { return group_names_; }

  // What checks are called, in the order of the faults by which they fail. Checks of the same name are one kind.
  const std::vector<std::string>& check_names() const { return check_names_; }

 private:
  std::vector<Part> parts_;
  std::vector<std::string> names_;
  std::vector<std::string> group_names_;
  std::vector<std::string> check_names_;
};

// An errand made ready; what its checks are called is added to `check_names`, by the number of the fault. Both the test
// and the errand must outlive it.
Script::Journey ready_errand(const Test& test, const Errand& errand, std::vector<std::string>& check_names);

}  // namespace loadlab
