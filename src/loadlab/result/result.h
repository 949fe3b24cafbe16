// What a run is made of: plain values, filled by session and judge, read by history and report.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "loadlab/result/findings.h"
#include "loadlab/result/probe_series.h"
#include "loadlab/result/samples.h"
#include "loadlab/result/tally.h"

namespace loadlab {

// From best to worst.
enum class Verdict { pass, fail, untrusted, error };
std::string_view name_of(Verdict verdict);
Verdict worse(Verdict a, Verdict b);

// One second of a test, for plots. Times in milliseconds. What was not observed is NaN: a gap, not a zero.
struct Second {
  int index = 0;               // since the test's start
  double users = 0;            // virtual users at work at its end
  std::uint64_t requests = 0;  // answered or failed within it
  std::uint64_t errors = 0;
  std::uint64_t unanswered = 0;  // of them, without any answer, or with a status from 500 on
  std::uint64_t dropped = 0;
  double response_p50_ms = 0;
  double response_p95_ms = 0;
  double response_p99_ms = 0;
  double response_max_ms = 0;
  double send_lag_max_ms = 0;
  double cpu_percent = 0;        // the target's, of the whole machine
  double memory_mb = 0;          // the target's resident memory, 10^6 bytes
  double descriptors = 0;        // the target's
  double generator_percent = 0;  // the busiest worker's share of a core
};

// The target over a test. Fields are empty where nothing was watched, or it could not be read.
struct Resources {
  std::string target;  // "costagent (pid 4242)"
  std::optional<double> avg_cpu_percent;
  std::optional<double> peak_cpu_percent;
  std::optional<double> cpu_ms_per_request;
  std::optional<double> avg_memory_mb;
  std::optional<double> peak_memory_mb;
  std::optional<double> open_descriptors;  // the most seen
  std::optional<double> threads;           // the most seen
  std::optional<double> db_connections;    // of the watched PostgreSQL: the most sessions seen
  std::optional<double> avg_db_connections;
  // By how much the resident memory grew from the first reading to the last, below zero where it was given back.
  std::optional<double> memory_bytes_per_request;
  std::optional<double> bytes_per_request;    // on the wire, both ways
  std::optional<double> queries_per_request;  // statements of the watched PostgreSQL
  std::string gap;                            // why something is missing; else empty
};

struct ThresholdOutcome {
  std::string expression;
  bool warn_only = false;
  bool aborted = false;  // it ended the test
  std::string unit;
  double bound = 0;
  std::optional<double> observed;  // none: nothing to measure it on, which does not pass
  std::string missing{};           // then, why, where that is known
  // Room left, as a share of the bound: 0.25 is a quarter to spare, below 0 is broken.
  std::optional<double> margin;
  bool passed = false;
  std::string reason{};  // of a warning: why the bar is missed, as the plan says; may be empty
};

// A command behind the load that said whether something held.
struct VerificationOutcome {
  std::string name;
  bool warn_only = false;
  std::string reason;    // of a warning: why the bar is missed, as the plan says; may be empty
  std::string observed;  // the last line that it printed
  double seconds = 0;    // how long it took
  bool passed = false;
};

// A command that was run within the load.
struct Event {
  std::string name;
  double seconds = 0;       // when it began, since the test's start
  double took_seconds = 0;  // until it had ended
  std::string ending;       // "exited with 0"
  bool failed = false;
};

// What the generator, and the machine it ran on, were like over a test. Trust is judged by it.
struct Generator {
  std::vector<double> worker_percents;  // of a core each
  std::uint64_t late_wakes = 0;         // a worker came to something more than a millisecond after it was due
  base::Nanoseconds latest_wake{0};     // the worst of them
  int cores = 1;
  // Of all cores' time: taken by the host's other guests; spent at work by anyone here. Empty where it can't be read.
  std::optional<double> steal_percent;
  std::optional<double> machine_percent;

  double busiest_worker_percent() const;
};

// Whether the generator itself could have bent the figures.
struct Trust {
  bool trusted = true;
  double send_lag_p99_ms = 0;
  std::uint64_t late_sends = 0;  // sends more than the allowed lag after their time
  // By how much the response times may be too long for the generator's own lateness, at most: at p99, also as a share
  // of it, and on average. Empty where nothing was timed.
  std::optional<double> error_p99_ms;
  std::optional<double> error_p99_percent;
  std::optional<double> error_mean_ms;
  std::uint64_t own_failures = 0;            // requests that failed for want of the generator's ports or descriptors
  std::optional<double> planned_iterations;  // of an open model that ran to its end
  // What the machine's host took, where that is trusted by the plan's allowance alone: the figures are good for the
  // test's own bounds, and not to be compared.
  std::optional<double> allowed_steal_percent;
  std::vector<std::string> reasons;  // sentences: what, by how much, what to do; empty when trusted
  std::vector<std::string> notes;    // what a reader should know although it bent nothing
};

// What was planned for within one stage of a load.
struct StageResult {
  std::string name;          // "stage 2: 10 to 50 users"
  double begin_seconds = 0;  // since the test's start
  double end_seconds = 0;
  std::optional<double> users;  // at its end, of a closed model
  std::optional<double> rate;   // at its end, of an open one, a second
  Tally tally;
};

// A run's set-up or teardown.
struct ErrandResult {
  Tally tally;
  std::vector<std::string> checks;  // names of the checks by which its answers can fail
  std::string failure;              // which step failed and why; empty if all went well
};

struct TestResult {
  std::string name;
  std::string family;  // the plan's file that it stands in; empty where there is only one
  std::vector<std::string> tags;
  TestKind kind = TestKind::load;
  std::string load;                    // "50 users, 5 s ramp-up" or "500/s, Poisson arrivals": a sentence for people
  std::string target;                  // the URL
  std::vector<std::string> addresses;  // those of the target that were loaded
  std::optional<base::Nanoseconds> resolving;  // how long its name took to resolve, before the load
  base::UtcTime started;
  base::Nanoseconds started_monotonic{0};  // the same by the machine's monotonic clock
  double seconds = 0;                      // from the first planned start to the last answer
  double planned_seconds = 0;              // as the plan says
  int workers = 1;
  int max_users = 0;
  std::uint64_t iterations = 0;          // passes begun
  std::uint64_t dropped_iterations = 0;  // arrivals that a limit stopped
  Tally total;
  std::vector<std::string> checks;  // names of the checks by which answers can fail
  std::vector<StepTally> steps;
  std::vector<NamedGroup> groups;
  std::vector<StageResult> stages;  // empty where no load has more than one
  double warm_up_seconds = 0;
  Tally warm_up;                      // what was planned for within the warm-up; in none of the others
  std::optional<ErrandResult> setup;  // what the plan has; in none of the other figures
  std::optional<ErrandResult> teardown;
  Tally user_setup;  // of all users; the same
  Tally user_teardown;
  Openings openings;
  std::vector<Second> series;
  Resources resources;
  std::vector<ProbeSeries> probes;
  std::vector<ProbeTable> probe_tables;
  Leaks leaks;
  Bottleneck bottleneck;
  std::optional<Recovery> recovery;  // of a load that rose and fell again
  Generator generator;
  std::vector<BenchmarkResult> benchmarks;  // of a benchmark, which has no load
  std::optional<SweepResult> sweep;         // of a sweep, whose loads are its points'
  std::vector<ThresholdOutcome> thresholds;
  std::vector<VerificationOutcome> verifications;
  std::vector<Event> events;  // by their moment
  Trust trust;
  Verdict verdict = Verdict::pass;
  std::string stopped;             // why it ended early ("interrupted", "threshold …"); else empty
  std::vector<std::string> notes;  // sentences on what a reader should know of how it went; reported with trust's
  std::string failure;             // why it could not be carried out as planned, when the verdict is error; else empty

  std::string name_of(Fault fault) const { return loadlab::name_of(fault, checks); }

  // Without the warm-up.
  double measured_seconds() const { return std::max(0.0, seconds - warm_up_seconds); }
  double requests_per_second() const {
    return measured_seconds() > 0 ? static_cast<double>(total.requests) / measured_seconds() : 0;
  }
};

struct Machine {
  std::string host;
  std::string cpu;
  int cores = 0;
  double memory_mb = 0;
  std::string kernel;
};

struct RunResult {
  std::string suite;
  std::string version;  // loadlab's
  base::UtcTime started;
  Machine machine;
  bool interrupted = false;
  std::vector<TestResult> tests;
  std::vector<std::string> notes{};  // sentences on what went wrong around the tests
  Verdict verdict = Verdict::pass;
};

}  // namespace loadlab
