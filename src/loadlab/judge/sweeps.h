// Puts the runs of a sweep's points together, and judges what must hold between them.
#pragma once

#include <vector>

#include "loadlab/plan/sweep.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Not thread-safe. The plan must outlive it.
class SweepJudge {
 public:
  explicit SweepJudge(const Test& plan);

  // One more run of a point, judged as a test of its own.
  void add(std::size_t point, const TestResult& run);

  // Fills `sweep`, `thresholds`, `trust`, `failure` and `verdict`. Each threshold of the test stands there once, as it
  // came out in the run that was nearest to breaking it; then what was compared.
  void finish(TestResult& test) const;

 private:
  struct Side {
    std::vector<double> values;  // of each run that had any
  };

  void add_outcomes(const TestResult& run, const std::string& name);
  ThresholdOutcome compare(std::size_t index) const;
  std::optional<ScalingFit> scaling() const;

  const Sweep& plan_;
  SweepResult result_;
  std::vector<ThresholdOutcome> outcomes_;
  std::vector<VerificationOutcome> verifications_;
  std::vector<Side> left_;  // by comparison
  std::vector<Side> right_;
  Trust trust_;
  std::string failure_;
};

}  // namespace loadlab
