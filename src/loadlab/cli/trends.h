// How the figures of a suite went from run to run.
#pragma once

#include <atomic>
#include <span>
#include <string>

#include "loadlab/history/history.h"
#include "loadlab/report/history_json.h"

namespace loadlab {

// A run that a trend may have a point of: it was played to its end.
bool is_of_trends(const RunRecord& run);

// `runs`: of one suite, the newest first, as History::runs lists them. Of them those on one machine: the one that is
// named by its fingerprint, or, where none is, the newest run's. What a test measured that could not be carried out, or
// is untrusted, is left out.
//
// The tests are all that were played in the newest 50 of these runs, in the order of the newest that has them; their
// figures seven of a load, and of a benchmark or a sweep three of each part, 40 together at most. Errors are the
// history's, and `unavailable` soon after `stop`, where one is given, is set.
base::Result<SuiteTrends> trends_of(History& history, std::span<const RunRecord> runs, const std::string& machine,
                                    const std::atomic<bool>* stop = nullptr);

}  // namespace loadlab
