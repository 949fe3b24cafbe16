// What judgement makes of what probes saw: leaks, the bottleneck, and how a target came back from stress.
//
// Plain values, filled by judge and read by report. Sentences are for people: what, by how much, what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loadlab {

enum class LeakVerdict {
  none,       // nothing rose, or what rose levelled off or was given back
  leak,       // it rises and goes on rising
  undecided,  // it may rise; the run was too short to tell
};

// One thing that could leak, over the steady part of a test.
struct LeakFinding {
  std::string resource;  // memory, descriptors, threads, connections, rows, or a metric's own name
  std::string label;     // what was watched: "costagent (pid 4242)"
  std::string unit;      // of the level: "MB", or "" for a plain number
  LeakVerdict verdict = LeakVerdict::undecided;
  bool warn_only = false;
  // In `unit` an hour, with the interval that holds the slope at the confidence that the false alarms ask for.
  double slope_per_hour = 0;
  double slope_low_per_hour = 0;
  double slope_high_per_hour = 0;
  std::optional<double> per_thousand_requests;
  double smallest_per_hour = 0;    // the smallest slope that this test could see and that counts
  double chance = 1;               // of so much rise where nothing leaks
  double false_alarm_percent = 0;  // how small it must be
  double from_seconds = 0;         // the steady part, since the test's start
  double to_seconds = 0;
  double level_from = 0;  // of the line, at its ends
  double level_to = 0;
  std::optional<double> seconds_to_decide;  // the length of a steady part that would decide
  std::string sentence;
};

struct Leaks {
  std::vector<LeakFinding> findings;
  std::string not_judged;  // why nothing was; empty when something was

  bool any(LeakVerdict verdict) const;
};

// What a target came to under the load.
enum class Pressure {
  none,       // answers took no longer under the highest load than under the lowest: there was room
  saturated,  // a resource was in use all the time, and the requests queued for it
  waiting,    // answers took long although nothing here was in use: the target waited for something else
  limited,    // requests were refused rather than slow
};

// What may have been the cause, with what speaks for it.
struct Candidate {
  std::string cause;     // "cpu", "one worker", "pool", "lock", "disk", "network", "downstream", "rate limit" …
  double score = 0;      // how much speaks for it: 0 to 1
  bool exact = false;    // the target says so itself, by its own metrics
  std::string evidence;  // in numbers
  std::string advice;    // one sentence
};

struct Bottleneck {
  Pressure pressure = Pressure::none;
  std::string sentence;                // what the load came to
  std::optional<double> rate_reached;  // answers a second that the target kept up
  std::optional<double> parallel;      // how many requests it served at once then: rate × unhurried service time
  std::vector<Candidate> candidates;   // the likeliest first; none without pressure
};

// How the target came back after the load fell from its highest.
struct Recovery {
  double stress_ended_seconds = 0;          // since the test's start
  double normal_p95_ms = 0;                 // before the stress
  double worst_p95_ms = 0;                  // within it
  std::optional<double> seconds_to_normal;  // none: not within the test
  std::uint64_t refused = 0;                // failed quickly: the caller could go elsewhere
  std::uint64_t timed_out = 0;              // failed slowly
  std::optional<double> memory_before_mb;
  std::optional<double> memory_peak_mb;
  std::optional<double> memory_after_mb;
  std::string sentence;
};

std::string_view name_of(LeakVerdict verdict);
std::string_view name_of(Pressure pressure);

}  // namespace loadlab
