// Whether a run is better or worse than earlier ones, and how sure that is.
//
// A test's figures, and those of its steps, are taken anew from resampled seconds of it (stats/block_bootstrap.h), all
// figures of a resample together, so that their scatter and what they have in common are known; a difference counts
// when it is beyond what the largest of all differences of a comparison reaches by chance (the maximum of the
// studentised differences: Westfall and Young 1993), so that a whole comparison of runs that don't differ says "better"
// or "worse" of anything in one of twenty cases at most, however many tests, steps and figures it has: steps of loads
// have a sixth of that chance (Bonferroni 1936), all else the rest. With several earlier runs, by how much these differ
// among themselves is added: machines have good and bad days. Benchmarks, and points of sweeps, have no seconds but
// repetitions, whose means are compared (Welch 1947); the highest memory of a test is one value a run, and compared
// from three earlier runs on. Pure and thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/history/baseline.h"
#include "loadlab/history/record.h"

namespace loadlab {

enum class Change {
  better,
  same,  // the difference is surely smaller than the tolerance
  worse,
  unclear,  // it may be the same or not: too few seconds, or too much scatter
};
std::string_view name_of(Change change);

struct ComparisonOptions {
  double confidence = 0.95;
  double tolerance = 0.02;  // as a share of the earlier figure; what is surely smaller is the same
  int resamples = 1000;
  std::uint64_t seed = 1;
  // Once set, the comparison ends soon, and what it gives is incomplete. It must outlive the call.
  const std::atomic<bool>* stop = nullptr;
};

// One figure of one test. All in the figure's own unit.
struct FigureComparison {
  std::string test;
  std::string figure;
  double before = 0;  // of several earlier runs, the mean
  double now = 0;
  // Of now − before: the interval that holds it with the confidence, for all figures of the comparison at once.
  double low = 0;
  double high = 0;
  // The smallest difference that this comparison would find in four of five cases.
  double detectable = 0;
  Change change = Change::unclear;

  double difference() const { return now - before; }
  // In percent of the earlier one; 0 where that is 0.
  double percent(double of) const { return before == 0 ? 0 : 100 * of / before; }
};

struct RunComparison {
  std::vector<FigureComparison> figures;  // by test, in the run's order
  std::vector<std::string> notes;         // sentences on what a reader should know of it

  bool any(Change change) const;
};

// The tests that are in the run and in at least one of the earlier ones, by name; both with their blocks. Compared is
//   - of a load: kComparedFigures (seconds.h) and `peak_memory_mb`; of each step that was told apart its p95, where it
//     has 200 answers, and its error rate, where there are errors, as "STEP: p95_response_time_ms";
//   - of a benchmark or a point of a sweep: its time, rates, error rate, p95, drops and highest memory, as
//     "POINT: cpu_time_ms", where it was repeated three times.
// What is left out is told by the notes: tests that were not carried out to the end, or are untrusted, that measured
// fewer than 8 seconds, or that one of the runs lacks; and readings of the target in less than half of the seconds.
// Another load is compared all the same, and told. What never scatters differs surely, by however little.
RunComparison compare(const RunRecord& run, std::span<const RunRecord> earlier, const ComparisonOptions& options = {});

// The same against what was looked for; the notes tell what of it was passed over.
RunComparison compare(const RunRecord& run, const Baseline& baseline, const ComparisonOptions& options = {});

}  // namespace loadlab
