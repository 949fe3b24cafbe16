// Plays one test, from what is set up for it to its verdict.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"
#include "loadlab/plan/plan.h"
#include "loadlab/result/result.h"
#include "loadlab/session/staging.h"
#include "loadlab/session/suite.h"

namespace loadlab {

// What a test is played with; all of it outlives the test.
struct Playing {
  const base::Clock& clock;
  const std::atomic<bool>& stop;
  int cores;  // of the machine
  int again;  // as the plan says
  Staging& suite;
  SuiteObserver& observer;
};

// A test with loads; what it says of a sweep is passed over.
TestResult play_load(const Test& test, const Playing& playing);

// Of a test that could not be carried out, before it is judged.
TestResult not_played(const Test& test, const base::Clock& clock, const std::string& why);

// What the result has of the plan: name, file, tags.
void name_after(const Test& test, TestResult& result);

}  // namespace loadlab
