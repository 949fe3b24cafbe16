// A plan's only test, played to its end: for the tests of what a load does to a real server.
#pragma once

#include <gtest/gtest.h>

#include "loadlab/engine/engine.h"
#include "loadlab/plan/load_plan.h"

namespace loadlab {

// `yaml` without its target, which is `url`.
inline TestResult played(const std::string& yaml, const std::string& url) {
  Overrides overrides;
  overrides.target = url;
  const auto plan = load_plan_text("target: http://127.0.0.1:1\n" + yaml, "plan.yaml", overrides);
  EXPECT_TRUE(plan) << plan.error().message;
  if (!plan) return TestResult();
  const std::atomic<bool> stop = false;
  auto result = run_load(plan->tests[0], base::SystemClock(), stop, [](TestResult&, const Timings&) { return true; });
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(TestResult());
}

}  // namespace loadlab
