#include "loadlab/engine/script.h"

#include <algorithm>
#include <cassert>

#include "loadlab/protocol/connector.h"

namespace loadlab {

Script::Script(const Test& test) {
  for (const Load& load : test.loads) {
    Part part;
    double total = 0;
    for (const loadlab::Journey& planned : load.journeys) {
      Journey journey;
      journey.variables = planned.variables.size();
      journey.pacing = planned.pacing;
      for (const loadlab::Step& step : planned.steps) {
        Wanted wanted;
        wanted.body = !step.captures.empty();
        journey.steps.push_back({make_request(test, step), step, tally_for(step.name), wanted});
      }
      part.journeys_.push_back(std::move(journey));
      total += planned.weight;
      part.cumulative_weights_.push_back(total);
    }
    assert(!part.journeys_.empty() && total > 0);
    parts_.push_back(std::move(part));
  }
}

const Script::Journey& Script::Part::choose(base::Random& random) const {
  if (journeys_.size() == 1) return journeys_.front();
  const double at = random.uniform(0, cumulative_weights_.back());
  const auto chosen = std::upper_bound(cumulative_weights_.begin(), cumulative_weights_.end(), at);
  return journeys_[static_cast<std::size_t>(std::min(chosen, cumulative_weights_.end() - 1) -
                                            cumulative_weights_.begin())];
}

std::size_t Script::tally_for(const std::string& name) {
  const auto known = std::find(names_.begin(), names_.end(), name);
  if (known != names_.end()) return static_cast<std::size_t>(known - names_.begin());
  names_.push_back(name);
  return names_.size() - 1;
}

}  // namespace loadlab
