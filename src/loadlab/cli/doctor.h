// Says before a load whether this machine would bend it: each limit and setting against what the load needs.
//
// Pure functions; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "loadlab/probe/machine_limits.h"

namespace loadlab {

// What is to fit.
struct Need {
  int users = 1000;    // connections at once, from one address
  double rate = 1000;  // requests a second
};

// From best to worst: nothing to do; it costs something, or it depends; it would bend results.
enum class Level { ok, warn, bad };
std::string_view name_of(Level level);

struct Finding {
  std::string check;
  Level level = Level::ok;
  std::string found;   // what is there, as a phrase
  std::string advice;  // what to do, as a sentence; empty where all is well
};

// One finding a check, always the same ones in the same order. What can't be read is ok, and says so.
std::vector<Finding> examine(const MachineLimits& limits, double clock_cost_ns, const Need& need);

Level worst(const std::vector<Finding>& findings);

// For people, and for programs (schema loadlab.doctor/1).
std::string doctor_text(const std::vector<Finding>& findings, const Need& need);
std::string doctor_json(const std::vector<Finding>& findings, const Need& need);

}  // namespace loadlab
