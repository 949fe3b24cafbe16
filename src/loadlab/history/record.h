// What is remembered of a run: plain values, written while it is played and read by comparisons, lists and pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "loadlab/result/result.h"

namespace loadlab {

// Some seconds of a test, whole ones: one, or as many as a long test's blocks were merged to.
struct Block {
  double begin_seconds = 0;  // since the test's start
  double end_seconds = 0;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::uint64_t dropped = 0;
  double users = 0;              // at its end
  std::optional<double> cpu;     // the target's, percent of the whole machine, on average
  std::optional<double> memory;  // the target's, MB, on average
  // Response times in nanoseconds, as stats::encode_histogram has them: a hundredth of what a Histogram takes.
  std::string response;
  std::string steps;  // of each step of it, as encode_steps has them; empty where they weren't told apart

  // Fails with `corrupt` where the times of one can't be read.
  base::Result<> merge(const Block& later);
};

inline constexpr const char* kAllowedStealFigure = "allowed_steal_percent";

// A figure of a whole test, or of one of its steps, by the name that the summary has for it.
struct Figure {
  std::string step;  // empty: the whole test's
  std::string name;  // p95_response_time_ms
  double value = 0;
};

struct TestRecord {
  std::size_t number = 0;  // within its run
  std::string name;
  std::string load;         // in words
  std::string load_digest;  // what was sent, and when: plan/load_digest.h; empty where it isn't known
  std::string target;
  Verdict verdict = Verdict::error;
  double seconds = 0;
  double warm_up_seconds = 0;
  std::string failure;
  // What the machine's host took of its time, where the test is trusted by its plan's allowance alone.
  std::optional<double> allowed_steal;
  bool ended = false;  // false: the run was killed within it, or is being played
  std::vector<Figure> figures;
  std::vector<Block> blocks;  // only where they were asked for

  // Nothing where there is no such figure.
  std::optional<double> figure(const std::string& figure_name, const std::string& step = "") const;
};

// What a run was, before its tests.
struct RunHead {
  std::int64_t id = 0;  // 1, 2, 3 … within a history
  std::string suite;
  std::string version;  // loadlab's
  std::string commit;   // of what was loaded, as whoever played it said; may be empty
  std::string plan;     // its text, or the URL; without secrets
  // What was given for its variables, "users=5, host=b", by name and without secrets. Nothing: it isn't known.
  std::optional<std::string> variables;
  base::UtcTime started;
  Machine machine;
};

enum class RunState {
  playing,  // somebody plays it now
  killed,   // nobody does any more, and it never ended
  ended,
};

struct RunRecord : RunHead {
  RunState state = RunState::playing;
  Verdict verdict = Verdict::error;  // of one that ended
  bool interrupted = false;
  std::vector<TestRecord> tests;
};

// How far a test has come: what has been written of it.
struct TestProgress {
  std::size_t number = 0;  // within its run
  bool ended = false;
  std::size_t blocks = 0;   // fewer than before where they were merged
  std::size_t figures = 0;  // of one that has not ended

  bool operator==(const TestProgress& other) const = default;
};

struct RunProgress {
  RunState state = RunState::playing;
  std::vector<TestProgress> tests;  // by number

  bool operator==(const RunProgress& other) const = default;
};

// The repetitions behind a figure, in their order; none where it was measured once.
std::vector<double> samples_of(const TestRecord& test, const Figure& figure);

// What two machines must have in common for figures taken on them to be comparable: processor, cores, memory in whole
// gigabytes, and the kernel's major version.
std::string fingerprint(const Machine& machine);

// The figures of a test that are remembered. Of a benchmark, or a point of a sweep, which stands as a step, the median
// of its repetitions, and each of them under the same name with its number: `cpu_time_ms`, `cpu_time_ms[0]` …
std::vector<Figure> figures_of(const TestResult& test);
// Of one point.
std::vector<Figure> figures_of(const SweepPointResult& point);

}  // namespace loadlab
