#include "loadlab/report/json.h"

#include <boost/json.hpp>

#include <algorithm>

#include "base/printable.h"
#include "base/time.h"
#include "loadlab/report/json_number.h"
#include "loadlab/report/json_probes.h"
#include "loadlab/report/judgement_json.h"
#include "loadlab/report/samples_json.h"

namespace loadlab {
namespace {

namespace json = boost::json;

constexpr const char* kSchema = "loadlab.summary/1";

json::value milliseconds(std::uint64_t nanoseconds) { return number(static_cast<double>(nanoseconds) / 1e6); }

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

struct NamedPercentile {
  const char* name;
  double percent;
};
constexpr NamedPercentile kPercentiles[] = {{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p999", 99.9}};

// avg_…, min_…, max_…, p50_… of one time; null where nothing was timed.
void add_times(json::object& to, const std::string& name, const stats::Histogram& histogram) {
  const bool any = histogram.count() > 0;
  const auto put = [&](const char* aggregate, const json::value& value) {
    to[fmt::format("{}_{}_ms", aggregate, name)] = any ? value : json::value(nullptr);
  };
  put("avg", number(histogram.mean() / 1e6));
  put("min", milliseconds(histogram.min()));
  put("max", milliseconds(histogram.max()));
  for (const auto& [aggregate, percent] : kPercentiles) put(aggregate, milliseconds(histogram.percentile(percent)));
}

json::object errors_json(const Tally& tally, const std::vector<std::string>& checks) {
  json::object errors;
  for (const auto& [fault, count] : tally.faults) errors[name_of(fault, checks)] = count;
  return errors;
}

void add_tally(json::object& to, const TestResult& test, const Tally& tally, double seconds) {
  to["total_requests"] = tally.requests;
  to["successful_requests"] = tally.requests - tally.failed;
  to["failed_requests"] = tally.failed;
  to["total_errors"] = tally.failed;
  to["requests_per_second"] = number(seconds > 0 ? static_cast<double>(tally.requests) / seconds : 0.0);
  to["error_rate_percent"] = number(tally.error_percent());
  to["errors"] = errors_json(tally, test.checks);
  to["bytes_sent"] = tally.bytes_sent;
  to["bytes_received"] = tally.bytes_received;
  add_times(to, "response_time", tally.timings.response);
  add_times(to, "service_time", tally.timings.service);
  add_times(to, "connection_wait", tally.timings.connection_wait);
  add_times(to, "send_lag", tally.timings.send_lag);
  add_times(to, "first_byte", tally.timings.first_byte);
  add_times(to, "transfer", tally.timings.transfer);
}

json::object warm_up_json(const TestResult& test) {
  json::object object{{"duration_seconds", number(test.warm_up_seconds)}};
  add_tally(object, test, test.warm_up, test.warm_up_seconds);
  return object;
}

// Requests that are in no other figure; null where there are none.
json::value errand_json(const Tally& tally, const std::vector<std::string>& checks) {
  if (tally.requests == 0) return nullptr;
  json::object object{
      {"total_requests", tally.requests}, {"failed_requests", tally.failed}, {"errors", errors_json(tally, checks)}};
  add_times(object, "response_time", tally.timings.response);
  return object;
}

json::value errand_json(const std::optional<ErrandResult>& errand) {
  if (!errand) return nullptr;
  json::value value = errand_json(errand->tally, errand->checks);
  if (value.is_object()) value.get_object()["failure"] = or_null(errand->failure);
  return value;
}

json::object connections_json(const TestResult& test) {
  json::array addresses;
  for (const std::string& address : test.addresses) addresses.emplace_back(address);
  json::value resolution;
  if (test.resolving) resolution = std::chrono::duration<double, std::milli>(*test.resolving).count();
  json::object object{{"addresses", std::move(addresses)},
                      {"name_resolution_ms", std::move(resolution)},
                      {"opened", test.openings.connect.count()}};
  add_times(object, "connect", test.openings.connect);
  add_times(object, "tls", test.openings.tls);
  return object;
}

json::array groups_json(const TestResult& test) {
  json::array list;
  for (const NamedGroup& group : test.groups) {
    json::object object{{"name", group.name},
                        {"total_passes", group.tally.passes},
                        {"failed_passes", group.tally.failed},
                        {"cut_off_passes", group.tally.cut_off()},
                        {"error_rate_percent", number(group.tally.error_percent())}};
    add_times(object, "duration", group.tally.durations);
    add_times(object, "response_time", group.tally.responses);
    list.push_back(std::move(object));
  }
  return list;
}

json::array stages_json(const TestResult& test) {
  json::array list;
  for (const StageResult& stage : test.stages) {
    json::object object{{"name", stage.name},
                        {"begin_seconds", number(stage.begin_seconds)},
                        {"end_seconds", number(stage.end_seconds)},
                        {"concurrent_users", number(stage.users)},
                        {"rate_per_second", number(stage.rate)}};
    add_tally(object, test, stage.tally, stage.end_seconds - std::max(stage.begin_seconds, test.warm_up_seconds));
    list.push_back(std::move(object));
  }
  return list;
}

json::object resources_json(const Resources& resources) {
  return {{"target", or_null(resources.target)},
          {"avg_cpu_percent", number(resources.avg_cpu_percent)},
          {"peak_cpu_percent", number(resources.peak_cpu_percent)},
          {"cpu_ms_per_request", number(resources.cpu_ms_per_request)},
          {"avg_memory_mb", number(resources.avg_memory_mb)},
          {"peak_memory_mb", number(resources.peak_memory_mb)},
          {"open_descriptors", number(resources.open_descriptors)},
          {"threads", number(resources.threads)},
          {"db_connections", number(resources.db_connections)},
          {"avg_db_connections", number(resources.avg_db_connections)},
          {"memory_bytes_per_request", number(resources.memory_bytes_per_request)},
          {"bytes_per_request", number(resources.bytes_per_request)},
          {"queries_per_request", number(resources.queries_per_request)},
          {"gap", or_null(resources.gap)}};
}

json::array thresholds_json(const std::vector<ThresholdOutcome>& outcomes) {
  json::array list;
  for (const ThresholdOutcome& outcome : outcomes) {
    list.push_back(json::object{{"expression", outcome.expression},
                                {"severity", outcome.warn_only ? "warn" : "fail"},
                                {"observed", number(outcome.observed)},
                                {"missing", or_null(outcome.missing)},
                                {"bound", number(outcome.bound)},
                                {"unit", outcome.unit},
                                {"margin", number(outcome.margin)},
                                {"passed", outcome.passed},
                                {"aborted", outcome.aborted},
                                {"reason", or_null(outcome.reason)}});
  }
  return list;
}

json::array verifications_json(const std::vector<VerificationOutcome>& outcomes) {
  json::array list;
  for (const VerificationOutcome& outcome : outcomes) {
    list.push_back(json::object{{"name", outcome.name},
                                {"severity", outcome.warn_only ? "warn" : "fail"},
                                {"observed", outcome.observed},
                                {"passed", outcome.passed},
                                {"duration_seconds", number(outcome.seconds)},
                                {"reason", or_null(outcome.reason)}});
  }
  return list;
}

json::array events_json(const std::vector<Event>& events) {
  json::array list;
  for (const Event& event : events) {
    list.push_back(json::object{{"name", event.name},
                                {"seconds", number(event.seconds)},
                                {"duration_seconds", number(event.took_seconds)},
                                {"ending", event.ending},
                                {"failed", event.failed}});
  }
  return list;
}

json::array strings(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

json::object trust_json(const Trust& trust, const Generator& generator) {
  json::array workers;
  for (const double percent : generator.worker_percents) workers.push_back(number(percent));
  return {{"trusted", trust.trusted},
          {"error_p99_ms", number(trust.error_p99_ms)},
          {"error_p99_percent", number(trust.error_p99_percent)},
          {"error_mean_ms", number(trust.error_mean_ms)},
          {"send_lag_p99_ms", number(trust.send_lag_p99_ms)},
          {"late_sends", trust.late_sends},
          {"own_failures", trust.own_failures},
          {"planned_iterations", number(trust.planned_iterations)},
          {"busiest_worker_percent", number(generator.busiest_worker_percent())},
          {"worker_percents", std::move(workers)},
          {"late_wakes", generator.late_wakes},
          {"latest_wake_ms", milliseconds(static_cast<std::uint64_t>(generator.latest_wake.count()))},
          {"steal_percent", number(generator.steal_percent)},
          {"machine_percent", number(generator.machine_percent)},
          {"reasons", strings(trust.reasons)},
          {"notes", strings(trust.notes)}};
}

json::array series_json(const std::vector<Second>& series) {
  json::array list;
  for (const Second& second : series) {
    list.push_back(json::object{{"second", second.index},
                                {"concurrent_users", number(second.users)},
                                {"requests", second.requests},
                                {"errors", second.errors},
                                {"dropped_iterations", second.dropped},
                                {"p50_response_time_ms", number(second.response_p50_ms)},
                                {"p95_response_time_ms", number(second.response_p95_ms)},
                                {"p99_response_time_ms", number(second.response_p99_ms)},
                                {"max_response_time_ms", number(second.response_max_ms)},
                                {"max_send_lag_ms", number(second.send_lag_max_ms)},
                                {"cpu_percent", number(second.cpu_percent)},
                                {"memory_mb", number(second.memory_mb)},
                                {"open_descriptors", number(second.descriptors)},
                                {"generator_percent", number(second.generator_percent)}});
  }
  return list;
}

json::object test_json(const TestResult& test) {
  json::object object{{"name", test.name},
                      {"family", or_null(test.family)},
                      {"tags", strings(test.tags)},
                      {"kind", name_of(test.kind)},
                      {"verdict", name_of(test.verdict)},
                      {"load", test.load},
                      {"target", test.target},
                      {"started", base::format_time_ms(test.started)},
                      {"started_monotonic_ns", test.started_monotonic.count()},
                      {"total_duration_seconds", number(test.seconds)},
                      {"planned_duration_seconds", number(test.planned_seconds)},
                      {"workers", test.workers},
                      {"max_users", test.max_users},
                      {"iterations", test.iterations},
                      {"dropped_iterations", test.dropped_iterations},
                      {"stopped", or_null(test.stopped)},
                      {"failure", or_null(test.failure)}};
  add_tally(object, test, test.total, test.measured_seconds());
  json::array endpoints;
  for (const StepTally& step : test.steps) {
    json::object endpoint{{"name", step.name}};
    add_tally(endpoint, test, step.tally, test.measured_seconds());
    endpoints.push_back(std::move(endpoint));
  }
  object["endpoints"] = std::move(endpoints);
  object["groups"] = groups_json(test);
  object["stages"] = stages_json(test);
  object["warm_up"] = test.warm_up_seconds > 0 ? json::value(warm_up_json(test)) : json::value(nullptr);
  object["setup"] = errand_json(test.setup);
  object["teardown"] = errand_json(test.teardown);
  object["user_setup"] = errand_json(test.user_setup, test.checks);
  object["user_teardown"] = errand_json(test.user_teardown, test.checks);
  object["connections"] = connections_json(test);
  object["thresholds"] = thresholds_json(test.thresholds);
  object["verifications"] = verifications_json(test.verifications);
  object["events"] = events_json(test.events);
  object["resources"] = resources_json(test.resources);
  object["probes"] = probes_json(test.probes);
  object["probe_tables"] = probe_tables_json(test.probe_tables);
  add_judgement(object, test);
  add_samples(object, test);
  object["trust"] = trust_json(test.trust, test.generator);
  object["series"] = series_json(test.series);
  return object;
}

// Texts of others (a process' name, a database's words) may be no valid UTF-8, which JSON must be.
void make_valid(json::value& value) {
  if (auto* text = value.if_string()) {
    *text = base::valid_utf8(std::string_view(*text));
  } else if (auto* array = value.if_array()) {
    for (json::value& one : *array) make_valid(one);
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object) make_valid(member.value());
  }
}

}  // namespace

std::string json_summary(const RunResult& run) {
  json::array tests;
  for (const TestResult& test : run.tests) tests.push_back(test_json(test));
  json::value summary{{"schema", kSchema},
                      {"suite", run.suite},
                      {"version", run.version},
                      {"started", base::format_time_ms(run.started)},
                      {"interrupted", run.interrupted},
                      {"verdict", name_of(run.verdict)},
                      {"machine",
                       {{"host", or_null(run.machine.host)},
                        {"cpu", or_null(run.machine.cpu)},
                        {"cores", run.machine.cores},
                        {"memory_mb", number(run.machine.memory_mb)},
                        {"kernel", or_null(run.machine.kernel)}}},
                      {"notes", strings(run.notes)},
                      {"tests", std::move(tests)}};
  make_valid(summary);
  return json::serialize(summary) + "\n";
}

}  // namespace loadlab
