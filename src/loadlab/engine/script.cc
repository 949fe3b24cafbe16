#include "loadlab/engine/script.h"

#include <algorithm>
#include <cassert>

#include "loadlab/engine/capture.h"
#include "loadlab/protocol/connector.h"

namespace loadlab {
namespace {

// Where the name is in the list, which it is appended to if it wasn't.
std::size_t index_in(std::vector<std::string>& names, const std::string& name) {
  const auto known = std::find(names.begin(), names.end(), name);
  if (known != names.end()) return static_cast<std::size_t>(known - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

Script::Step ready(const Test& test, const Step& step, std::size_t tally, std::vector<std::string>& check_names) {
  std::vector<Fault> faults;
  for (const Expectation& expectation : step.check.expectations)
    faults.push_back(check_fault(index_in(check_names, "check: " + expectation.name)));
  Checks checks(step.check, std::move(faults));
  Wanted wanted = checks.wanted();
  wanted.max_body = step.max_body;
  for (const Capture& capture : step.captures) {
    const bool of_head = capture.source == Capture::Source::header;
    (of_head ? wanted.head : wanted.body) = true;
  }
  return {make_request(test, step), step, tally, std::move(checks), wanted};
}

}  // namespace

Script::Script(const Test& test) {
  for (const Load& load : test.loads) {
    Part part;
    part.setup_ = ready_errand(test, load.user_setup, check_names_);
    part.teardown_ = ready_errand(test, load.user_teardown, check_names_);
    double total = 0;
    for (const loadlab::Journey& planned : load.journeys) {
      Journey journey{{}, planned.variables.size(), &planned.fill, planned.pacing};
      for (const loadlab::Step& step : planned.steps) {
        journey.steps.push_back(ready(test, step, index_in(names_, step.name), check_names_));
      }
      for (const Group& group : planned.groups) {
        const std::size_t tally = index_in(group_names_, group.name);
        for (std::size_t i = group.first; i < group.end; ++i) journey.steps[i].group = tally;
        journey.steps[group.first].begins_group = true;
        journey.steps[group.end - 1].ends_group = true;
      }
      part.journeys_.push_back(std::move(journey));
      total += planned.weight;
      part.cumulative_weights_.push_back(total);
    }
    assert(!part.journeys_.empty() && total > 0);
    parts_.push_back(std::move(part));
  }
}

Fault Script::Step::judge(const Reply& reply, base::Nanoseconds duration, std::vector<std::string>& variables) const {
  if (reply.fault != Fault::none) return reply.fault;
  if (!plan.check.accepts(reply.status)) return status_fault(reply.status);
  if (checks.empty() && plan.captures.empty()) return Fault::none;
  Answer answer(reply, duration);
  const Fault fault = checks.first_failed(answer, variables);
  if (fault != Fault::none) return fault;
  return plan.captures.empty() || capture_all(plan.captures, answer, variables) ? Fault::none : Fault::capture;
}

Script::Journey ready_errand(const Test& test, const Errand& errand, std::vector<std::string>& check_names) {
  Script::Journey journey{{}, errand.variables.size(), &errand.fill};
  for (const Step& step : errand.steps) journey.steps.push_back(ready(test, step, 0, check_names));
  return journey;
}

const Script::Journey& Script::Part::choose(base::Random& random) const {
  if (journeys_.size() == 1) return journeys_.front();
  const double at = random.uniform(0, cumulative_weights_.back());
  const auto chosen = std::upper_bound(cumulative_weights_.begin(), cumulative_weights_.end(), at);
  return journeys_[static_cast<std::size_t>(std::min(chosen, cumulative_weights_.end() - 1) -
                                            cumulative_weights_.begin())];
}

}  // namespace loadlab
