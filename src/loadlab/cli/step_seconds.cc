#include "loadlab/cli/step_seconds.h"

#include <algorithm>

#include "stats/histogram_log.h"

namespace loadlab {

std::vector<StepBlock> StepSeconds::next(const std::vector<StepTally>& so_far) {
  std::vector<StepBlock> steps;
  if (so_far.size() < 2) return steps;
  seen_.resize(std::min(so_far.size(), kMostSteps));
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const Tally& tally = so_far[i].tally;
    Seen& seen = seen_[i];
    if (tally.requests == seen.requests) continue;
    const auto counts = tally.timings.response.counts();
    seen.responses.resize(std::max(seen.responses.size(), counts.size()));
    stats::Histogram response(tally.timings.response.digits());
    for (std::size_t bucket = 0; bucket < counts.size(); ++bucket) {
      if (counts[bucket] == seen.responses[bucket]) continue;
      response.record_bucket(bucket, counts[bucket] - seen.responses[bucket]);
      seen.responses[bucket] = counts[bucket];
    }
    steps.push_back({so_far[i].name, tally.requests - seen.requests, tally.failed - seen.failed,
                     stats::encode_histogram(response)});
    seen.requests = tally.requests;
    seen.failed = tally.failed;
  }
  return steps;
}

}  // namespace loadlab
