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

  // What is known of it so far.
  const SweepPointResult& point(std::size_t index) const { return result_.points[index]; }

  // Fills `sweep`, `thresholds`, `verifications`, `leaks`, `trust`, `failure` and `verdict`. Each threshold of the test
  // stands there once, as it came out in the run that was nearest to breaking it; then what was compared. So does each
  // thing that could leak, as in the run that came nearest to a leak, named with its point. Where leaks were judged in
  // some runs only, a note says in which not.
  void finish(TestResult& test) const;

 private:
  struct Side {
    std::vector<double> values;  // of each run that had any
  };

  // What one thing came to in the run that tells most of it.
  struct Leaking {
    std::string resource;
    std::size_t number;  // among those of one name in a run
    std::string point;
    LeakFinding finding;
  };

  void add_outcomes(const TestResult& run, const std::string& name);
  void add_leaks(const Leaks& leaks, const std::string& name);
  void finish_leaks(TestResult& test) const;
  ThresholdOutcome compare(std::size_t index) const;
  std::optional<ScalingFit> scaling() const;

  const Sweep& plan_;
  SweepResult result_;
  std::vector<ThresholdOutcome> outcomes_;
  std::vector<VerificationOutcome> verifications_;
  std::vector<Side> left_;  // by comparison
  std::vector<Side> right_;
  std::vector<Leaking> leaks_;
  std::vector<std::string> not_judged_;  // points in whose runs no leaks were judged, each once
  std::string why_not_judged_;           // in the first of them
  Trust trust_;
  std::string failure_;
};

}  // namespace loadlab
