// What a person sees while a test runs. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// A test at the moment.
struct Live {
  std::string test;
  double elapsed_seconds = 0;
  double planned_seconds = 0;
  const Second* last = nullptr;  // the second that has just passed, if one has
  std::uint64_t requests = 0;    // so far
  std::uint64_t errors = 0;
};

// One line of at most `width` columns: how far it is, users, rate, p95, errors, the target's CPU. What has no room is
// left out, from the end.
std::string live_line(const Live& live, int width);

// One line for a test that has ended.
std::string test_headline(const TestResult& test);

}  // namespace loadlab
