#include "loadlab/session/benchmark_player.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadlab/judge/verdict.h"
#include "loadlab/plan/nearby_file.h"
#include "loadlab/session/benchmark_json.h"
#include "loadlab/session/describe_load.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostBytes = 64'000'000;  // a thousand benchmarks of 50 repetitions are a third of that

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The binary with what makes it repeat, in turns so that a busy moment hits all of them, and write what it measured.
Command command_of(const Benchmark& benchmark, const std::string& out) {
  Command command = benchmark.command;
  command.text += fmt::format(
      " --benchmark_format=json --benchmark_out_format=json --benchmark_out={} --benchmark_repetitions={} "
      "--benchmark_enable_random_interleaving=true",
      quoted(out), benchmark.repetitions);
  if (!benchmark.filter.empty()) command.text += " --benchmark_filter=" + quoted(benchmark.filter);
  return command;
}

// Fills `benchmarks`; says why that can't be done.
std::string run(const Test& test, Staging& staging, TestResult& result) {
  const std::string out = staging.folder() + "benchmark.json";
  const CommandOutcome outcome = staging.run(command_of(*test.benchmark, out));
  result.seconds = outcome.seconds;
  if (!outcome.ended_well()) return outcome.sentence("benchmark", test.benchmark->command.shown);
  const auto text = read_nearby_file(out, kMostBytes);
  if (!text) return outcome.sentence("benchmark", test.benchmark->command.shown) + ". It wrote no results.";
  auto read = read_benchmark_json(*text);
  if (!read) return read.error().message;
  result.benchmarks = std::move(*read);
  if (result.benchmarks.empty()) return fmt::format("No benchmark's name matches '{}'.", test.benchmark->filter);
  for (const BenchmarkResult& one : result.benchmarks) {
    if (!one.error.empty()) return fmt::format("{}: {}", one.name, one.error);
  }
  const BenchmarkResult& first = result.benchmarks.front();
  if (std::all_of(result.benchmarks.begin(), result.benchmarks.end(),
                  [](const auto& one) { return one.figures.empty(); }))
    return fmt::format("No benchmark was measured. {} was skipped: {}", first.name, first.skipped);
  auto verified = staging.verify();
  if (!verified) return verified.error().message;
  result.verifications = std::move(*verified);
  return "";
}

}  // namespace

TestResult play_benchmark(const Test& test, const Playing& playing) {
  TestResult result;
  name_after(test, result);
  result.load = describe_load(test);
  result.target = test.benchmark->command.shown;
  result.started = playing.clock.utc();
  result.started_monotonic = base::SystemClock::monotonic_now();
  Staging staging(test.around, test, &playing.suite, playing.stop);
  const auto ready = staging.set_up();
  result.failure = ready ? run(test, staging, result) : ready.error().message;
  if (playing.stop) {
    result.stopped = "interrupted";
  } else if (std::string death = staging.death(); !death.empty()) {
    result.failure = std::move(death);
  }
  for (const BenchmarkResult& one : result.benchmarks) {
    if (!one.skipped.empty()) result.notes.push_back(fmt::format("{} was skipped: {}", one.name, one.skipped));
  }
  const auto left_undone = staging.take_down();
  result.notes.insert(result.notes.end(), left_undone.begin(), left_undone.end());
  judge(test, result);
  return result;
}

}  // namespace loadlab
