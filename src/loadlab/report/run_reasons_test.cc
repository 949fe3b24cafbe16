#include "loadlab/report/run_reasons.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "loadlab/report/json.h"
#include "loadlab/report/sample_run.h"

namespace loadlab {
namespace {

namespace json = boost::json;

std::vector<std::string> lines_of(const RunResult& run) {
  std::vector<std::string> lines;
  for (const json::value& one : reasons_json(json_summary(run))) {
    std::string line;
    for (const char* key : {"severity", "kind", "test", "what", "observed", "limit", "margin", "text"}) {
      const auto& text = one.at(key).as_string();
      if (!text.empty()) line += (line.empty() ? "" : " | ") + std::string(text);
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(RunReasons, are_all_that_is_wrong_the_worst_first) {
  const RunResult run = sample_run();
  const std::string bad = run.tests[1].name;
  EXPECT_EQ(lines_of(run),
            (std::vector<std::string>{
                "fail | error | calm after | " + run.tests[2].failure,
                "fail | threshold | " + bad + " | p95(response_time) < 10ms | 17.5 ms | 10.0 ms | over by 75.0 %",
                "fail | threshold | " + bad + " | error_rate < 0.5% | 0.8 % | 0.5 % | over by 60.0 %",
                "fail | threshold | " + bad + " | max(response_time of GET /gone) < 1s | nothing to measure | 0",
                "fail | leak | " + bad + " | " + run.tests[1].leaks.findings[0].sentence,
                "fail | verification | " + bad + " | totals <are> exact | 3 charges are missing",
                "warn | threshold | " + bad +
                    " | max(memory) < 40MB | 43.0 MB | 40.0 MB | over by 7.50 % | the allocator keeps what it had",
                "warn | verification | " + bad + " | the disk keeps up | 41 MB/s | a shared disk"}));
}

TEST(RunReasons, distrust_comes_before_all_that_is_broken_and_a_bound_of_0_before_other_bounds) {
  RunResult run = sample_run();
  run.tests = {run.tests[1]};
  run.tests[0].leaks = {};
  run.tests[0].verifications.clear();
  run.tests[0].thresholds.resize(2);
  run.tests[0].thresholds[1].bound = 0;
  run.tests[0].thresholds[1].margin.reset();
  run.tests[0].trust.trusted = false;
  run.tests[0].trust.reasons = {"it was late"};
  run.interrupted = true;
  const std::string name = run.tests[0].name;
  EXPECT_EQ(lines_of(run),
            (std::vector<std::string>{
                "fail | error | it was interrupted", "fail | untrusted | " + name + " | it was late",
                "fail | threshold | " + name + " | error_rate < 0.5% | 0.8 % | 0 %",
                "fail | threshold | " + name + " | p95(response_time) < 10ms | 17.5 ms | 10.0 ms | over by 75.0 %"}));
}

TEST(RunReasons, there_are_none_of_what_passed_or_is_no_summary) {
  RunResult run = sample_run();
  run.tests = {run.tests[0]};
  EXPECT_TRUE(reasons_json(json_summary(run)).empty());
  for (const char* text : {"", "{}", "[1]", "{\"tests\": 3}", "{\"tests\": [3, {}, {\"trust\": null, \"leaks\": {}}]}"})
    EXPECT_TRUE(reasons_json(text).empty()) << text;
}

}  // namespace
}  // namespace loadlab
