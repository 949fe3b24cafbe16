#include "loadlab/report/sample_run.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/random.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Requests of a step with log-normal service times around `median_ms`.
Tally tally_of(std::uint64_t seed, int requests, double median_ms, int timeouts) {
  base::Random random(seed);
  Tally tally;
  tally.requests = static_cast<std::uint64_t>(requests);
  tally.bytes_sent = tally.requests * 100;
  tally.bytes_received = tally.requests * 900;
  for (int i = 0; i < requests; ++i) {
    const auto service =
        base::Nanoseconds(static_cast<std::int64_t>(1e6 * median_ms * std::exp(0.4 * random.normal())));
    tally.timings.service.record(service);
    tally.timings.response.record(service + 5us);
    tally.timings.connection_wait.record(i % 50 == 0 ? 200us : 0us);
    tally.timings.send_lag.record(5us);
    tally.timings.first_byte.record(service * 9 / 10);
    tally.timings.transfer.record(service / 10);
  }
  if (timeouts > 0) {
    tally.failed = static_cast<std::uint64_t>(timeouts);
    tally.faults = {{Fault::timeout, timeouts - 1}, {status_fault(503), 1}};
  }
  return tally;
}

TestResult test_of(const std::string& name, int timeouts) {
  TestResult test;
  test.name = name;
  test.load = "50 users for 30 s, ramp-up 5 s";
  test.target = "http://127.0.0.1:8080";
  test.addresses = {"127.0.0.1:8080"};
  test.resolving = 250us;
  test.started = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 9h;
  test.started_monotonic = 4'000'000'000ns;
  test.seconds = 30.004;
  test.planned_seconds = 30;
  test.max_users = 50;
  test.iterations = 1200;
  test.steps = {{"GET /health", tally_of(1, 1000, 0.4, 0)}, {"POST /analyze <all>", tally_of(2, 500, 12, timeouts)}};
  for (const StepTally& step : test.steps) test.total.merge(step.tally);
  base::Random random(7);
  for (int i = 0; i < 30; ++i) {
    Second second;
    second.index = i;
    second.users = std::min(50, 10 * (i + 1));
    second.requests = static_cast<std::uint64_t>(second.users + static_cast<double>(random.below(10)));
    second.errors = timeouts > 0 && i == 20 ? static_cast<std::uint64_t>(timeouts) : 0;
    const bool gap = timeouts > 0 && i > 20 && i < 24;
    second.response_p50_ms = gap ? kUnknown : random.uniform(0.4, 0.6);
    second.response_p95_ms = gap ? kUnknown : random.uniform(14, 20);
    second.response_p99_ms = gap ? kUnknown : random.uniform(20, 40);
    second.response_max_ms = gap ? kUnknown : random.uniform(40, 90);
    second.send_lag_max_ms = gap ? kUnknown : random.uniform(0.01, 0.2);
    second.cpu_percent = gap ? kUnknown : random.uniform(20, 30);
    second.memory_mb = gap ? kUnknown : 40 + 0.1 * i;
    second.descriptors = 70;
    second.generator_percent = 3;
    test.series.push_back(second);
  }
  test.resources.target = "costagent (pid 4242)";
  test.resources.avg_cpu_percent = 25.2;
  test.resources.peak_cpu_percent = 29.9;
  test.resources.cpu_ms_per_request = 0.31;
  test.resources.avg_memory_mb = 41.5;
  test.resources.peak_memory_mb = 43;
  test.resources.open_descriptors = 70;
  test.resources.threads = 5;
  test.trust.send_lag_p99_ms = 0.005;
  test.trust.error_p99_ms = 0.005;
  test.trust.error_p99_percent = 0.02;
  test.trust.error_mean_ms = 0.005;
  test.leaks.not_judged = "the load was steady for 8 s after it had settled, and leaks need 10 s";
  test.bottleneck.sentence = "No bottleneck: answers under the highest load take no longer than under the lowest.";
  test.generator.worker_percents = {3.2};
  test.generator.cores = 2;
  test.generator.steal_percent = 0;
  test.generator.machine_percent = 30;
  return test;
}

MetricSeries metric_of(const std::string& name, const std::string& unit, std::vector<double> values) {
  MetricSeries metric;
  metric.name = name;
  metric.unit = unit;
  metric.values = std::move(values);
  metric.summary = {3, 2, 1, 3, 1, 3, 2};
  return metric;
}

// A database that was away for a while.
ProbeSeries database() {
  ProbeSeries series;
  series.probe = "postgresql";
  series.label = "app@db/<shop>";
  series.interval = 1;
  series.at = {1, 2, 3, 4, 5};
  series.metrics = {metric_of("sessions", "", {1, 2, kUnknown, kUnknown, 3}),
                    metric_of("database_size", "MB", {1, kUnknown, kUnknown, kUnknown, 3})};
  series.gaps = {{2, 5, "PostgreSQL: connection refused"}};
  return series;
}

ThresholdOutcome outcome(const std::string& expression, const std::string& unit, double bound, double observed,
                         bool warn_only = false) {
  ThresholdOutcome outcome;
  outcome.expression = expression;
  outcome.unit = unit;
  outcome.bound = bound;
  outcome.observed = observed;
  outcome.margin = (bound - observed) / bound;
  outcome.passed = observed < bound;
  outcome.warn_only = warn_only;
  return outcome;
}

// A leak, a bottleneck and a recovery, as judgement finds them.
void add_findings(TestResult& test) {
  LeakFinding leak;
  leak.resource = "memory";
  leak.label = "costagent (pid 4242)";
  leak.unit = "MB";
  leak.verdict = LeakVerdict::leak;
  leak.slope_per_hour = 360;
  leak.slope_low_per_hour = 351;
  leak.slope_high_per_hour = 368;
  leak.per_thousand_requests = 2;
  leak.smallest_per_hour = 90;
  leak.chance = 1e-6;
  leak.false_alarm_percent = 0.25;
  leak.from_seconds = 10;
  leak.to_seconds = 30;
  leak.level_from = 41;
  leak.level_to = 43;
  leak.sentence = "memory leaks: 360 MB an hour (351 to 368), 2 MB per 1,000 requests; it rises and goes on rising.";
  test.leaks = {{leak}, ""};
  test.bottleneck = {
      Pressure::saturated,
      "Saturated at 200 answers a second: they take 100 ms under the highest load and 10 ms without "
      "waiting, about 2 served at once.",
      200,
      2,
      {{"pool", 0.99, true, "the pool of 2 is 98 % in use and 18 requests wait for it", "raise the pool"}}};
  Recovery recovery;
  recovery.stress_ended_seconds = 20;
  recovery.normal_p95_ms = 16;
  recovery.worst_p95_ms = 240;
  recovery.seconds_to_normal = 3;
  recovery.timed_out = 4;
  recovery.sentence = "Answers were normal again 3 s after the stress (p95 16 ms before, 240 ms at worst).";
  test.recovery = recovery;
}

}  // namespace

RunResult sample_run() {
  RunResult run;
  run.suite = "cost agent, sample";
  run.version = "0.1.0";
  run.started = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 9h;
  run.machine = {"lab-1", "Example CPU", 2, 25'000, "Linux 6.1"};

  TestResult good = test_of("normal load, 50 users", 0);
  good.thresholds = {outcome("avg(response_time) < 2s", "ms", 2000, 4.6), outcome("avg(cpu) < 80%", "%", 80, 25.2)};
  good.trust.notes = {"the generator shares its cores with the target"};

  TestResult bad = test_of("stress </script><b>, 500 users", 12);
  bad.thresholds = {outcome("p95(response_time) < 10ms", "ms", 10, 17.5), outcome("error_rate < 0.5%", "%", 0.5, 0.8),
                    outcome("max(memory) < 40MB", "MB", 40, 43, true)};
  bad.thresholds.push_back({});
  bad.thresholds.back().expression = "max(response_time of GET /gone) < 1s";
  bad.dropped_iterations = 17;
  bad.warm_up_seconds = 5;
  bad.warm_up = tally_of(3, 60, 20, 2);
  bad.groups = {{"checkout", GroupTally()}};
  bad.groups[0].tally.begun = 103;
  bad.groups[0].tally.passes = 100;
  bad.groups[0].tally.failed = 12;
  for (int i = 0; i < 100; ++i) {
    bad.groups[0].tally.durations.record(1020ms + i * 1ms);
    bad.groups[0].tally.responses.record(20ms + i * 1ms);
  }
  bad.checks = {"check: json /state = \"<open>\""};
  bad.setup.emplace();
  bad.setup->tally = tally_of(6, 2, 10, 0);
  bad.user_setup = tally_of(7, 50, 10, 2);
  bad.user_setup.faults = {{status_fault(503), 1}, {check_fault(0), 1}};
  bad.teardown.emplace();
  bad.teardown->tally = tally_of(8, 1, 10, 1);
  bad.teardown->tally.faults = {{status_fault(404), 1}};
  bad.teardown->failure = "step 'log out': status 404";
  for (int i = 0; i < 50; ++i) bad.openings.connect.record(80us);
  bad.stages = {{"0 to 50 users", 0, 10, 50, {}, tally_of(4, 500, 5, 0)},
                {"batch: 100/s", 10, 30, {}, 100, tally_of(5, 1000, 9, 12)}};
  bad.stopped = "interrupted";
  bad.resources.gap = "process 4242 has ended";
  bad.resources.db_connections = 3;
  bad.resources.queries_per_request = 1.5;
  bad.probes = {database()};
  bad.probe_tables = {
      {"postgresql", "app@db/<shop>", "statements", {"calls", "total ms"}, {{"SELECT 1 < 2", {7, 3.5}}}}};
  bad.verifications = {{"totals <are> exact", false, "", "3 charges are missing", 0.25, false},
                       {"nothing doubled", false, "", "", 0.1, true},
                       {"the disk keeps up", true, "a shared disk", "41 MB/s", 1, false}};
  bad.events = {{"the database goes away", 10.2, 0.5, "exited with 0", false}};
  bad.thresholds[2].reason = "the allocator keeps what it had";
  bad.verdict = Verdict::fail;
  add_findings(bad);

  TestResult broken;
  broken.name = "calm after";
  broken.load = "5 users for 10 s";
  broken.target = "http://127.0.0.1:8080";
  broken.started = good.started;
  broken.planned_seconds = 10;
  broken.failure = "the target http://127.0.0.1:8080 can't be reached: Connection refused; is it running?";
  broken.verdict = Verdict::error;

  TestResult parts;
  parts.name = "parsing";
  parts.family = "benchmarks";
  parts.tags = {"performance"};
  parts.kind = TestKind::benchmark;
  parts.load = "benchmarks BM_parse.*, 3 repetitions";
  parts.target = "build/bench <all>";
  parts.started = good.started;
  parts.benchmarks = {{"BM_parse<int>/8",
                       {{"cpu_time", "ms", {0.0021, 0.002, 0.0025}},
                        {"real_time", "ms", {0.0022, 0.0021, 0.0027}},
                        {"items_per_second", "/s", {4.9e6, 5e6, 4e6}}},
                       ""}};
  parts.thresholds = {outcome("median(cpu_time of BM_parse<int>/8) < 3us", "ms", 0.003, 0.0021)};

  TestResult swept;
  swept.name = "workers";
  swept.family = "scalability";
  swept.kind = TestKind::sweep;
  swept.load = "3 points, workers=1 to workers=4, 2 times, each with 20 users for 5 s";
  swept.target = "http://127.0.0.1:8080";
  swept.started = good.started;
  swept.sweep.emplace();
  swept.sweep->parameters = {"workers"};
  for (const auto& [workers, rate] : {std::pair("1", 100.0), std::pair("2", 190.0), std::pair("4", 300.0)}) {
    swept.sweep->points.push_back({fmt::format("workers={}", workers),
                                   {{"workers", workers}},
                                   2,
                                   {{"requests_per_second", "/s", {rate, rate + 10}},
                                    {"p95_response_time_ms", "ms", {12, 14}},
                                    {"p99_response_time_ms", "ms", {18, 21}},
                                    {"error_rate_percent", "%", {0, 0.1}}}});
  }
  swept.sweep->scaling = ScalingFit{105, 0.05, 0.01, 9.7, 1.5};
  swept.thresholds = {outcome("p95(response_time) at workers=4 < 2 * p95(response_time) at workers=1", "ms", 24, 13)};

  run.tests = {good, bad, broken, parts, swept};
  run.verdict = Verdict::error;
  return run;
}

}  // namespace loadlab
