// Runs of a service that is simulated, for tests of comparisons.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "loadlab/history/step_block.h"
#include "loadlab/judge/comparison.h"
#include "stats/histogram_log.h"

namespace loadlab {

// How it is, and how it varies.
struct Service {
  double rate = 200;         // answers a second
  double response_ms = 20;   // median
  double spread = 0.4;       // sigma of the log-normal response times of one second
  double noise = 0.05;       // of a second's level, as a share
  double of_the_last = 0.3;  // how much of a second's noise is the one before's
  double day = 0;            // by how much runs as a whole differ, as a share
  double error_rate = 0.002;
  double cpu = 40;
  std::size_t steps = 0;  // that are told apart, each with its share of the answers; 0: none are
  // Of the last step alone.
  double last_step_slower = 1;
  double last_step_error_rate = 0;
};

inline TestRecord play(const Service& service, int seconds, base::Random& random) {
  TestRecord test;
  test.name = "normal";
  test.verdict = Verdict::pass;
  test.ended = true;
  test.seconds = seconds;
  const double day = std::exp(service.day * random.normal());
  double noise = random.normal();
  for (int second = 0; second <= seconds; ++second) {
    noise = service.of_the_last * noise + std::sqrt(1 - service.of_the_last * service.of_the_last) * random.normal();
    const double level = day * std::exp(service.noise * noise);
    Block block;
    block.begin_seconds = second;
    block.end_seconds = second + 1;
    block.requests = static_cast<std::uint64_t>(std::lround(service.rate / level));
    block.cpu = service.cpu * std::exp(service.noise * random.normal());
    block.memory = 100;
    stats::Histogram times(3);
    std::vector<stats::Histogram> step_times(service.steps, stats::Histogram(3));
    std::vector<StepBlock> steps(service.steps);
    for (std::uint64_t i = 0; i < block.requests; ++i) {
      bool fails = random.chance(service.error_rate);
      double ms = service.response_ms * level * std::exp(service.spread * random.normal());
      if (service.steps > 0) {
        const std::size_t place = random.below(service.steps);
        if (place + 1 == service.steps) {
          fails = fails || (service.last_step_error_rate > 0 && random.chance(service.last_step_error_rate));
          ms *= service.last_step_slower;
        }
        ++steps[place].requests;
        steps[place].errors += fails ? 1u : 0u;
        step_times[place].record(static_cast<std::uint64_t>(1e6 * ms), 1);
      }
      block.errors += fails ? 1u : 0u;
      times.record(static_cast<std::uint64_t>(1e6 * ms), 1);
    }
    block.response = stats::encode_histogram(times);
    for (std::size_t place = 0; place < service.steps; ++place) {
      steps[place].name = "step " + std::to_string(place + 1);
      steps[place].response = stats::encode_histogram(step_times[place]);
    }
    block.steps = encode_steps(steps);
    test.blocks.push_back(std::move(block));
  }
  return test;
}

inline RunRecord run(const Service& service, base::Random& random, int seconds = 60, std::int64_t id = 1) {
  RunRecord record;
  record.id = id;
  record.state = RunState::ended;
  record.machine = {"here", "EPYC", 2, 16'000, "6.1"};
  record.tests.push_back(play(service, seconds, random));
  return record;
}

inline bool has(const RunComparison& comparison, const std::string& figure) {
  return std::any_of(comparison.figures.begin(), comparison.figures.end(),
                     [&](const FigureComparison& one) { return one.figure == figure; });
}

inline const FigureComparison& of(const RunComparison& comparison, const std::string& figure) {
  static const FigureComparison none;
  const auto found = std::find_if(comparison.figures.begin(), comparison.figures.end(),
                                  [&](const FigureComparison& one) { return one.figure == figure; });
  EXPECT_NE(found, comparison.figures.end()) << figure << " was not compared";
  return found == comparison.figures.end() ? none : *found;
}

}  // namespace loadlab
