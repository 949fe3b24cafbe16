// GET /health, /live and /metrics, answered at once whatever the load; GET /ready and /health/detailed, which ask the
// database, and are answered within a second whatever the load. An agent that is overloaded says so and is ready all
// the same: it answers as many as ever, and whoever took it away from a balancer would only overload the others.
#include <algorithm>

#include "costagent/api/api.h"
#include "costagent/api/json_writer.h"
#include "costagent/domain/version.h"

namespace costagent {

namespace {

// Any question goes to the database; the answer for a customer that nobody can have is quick.
constexpr const char* kNobody = "-";

// A point in time, or null for the epoch, which is no time.
void write_time(JsonWriter& json, std::string_view name, base::UtcTime time) {
  json.key(name);
  time == base::UtcTime{} ? json.null() : json.value(std::chrono::floor<std::chrono::seconds>(time));
}

void write_workers(JsonWriter& json, const WorkerBoard& board) {
  json.key("workers").begin_array();
  for (const WorkerInfo& worker : board.workers()) {
    json.begin_object().field("worker", worker.number).field("pid", worker.pid).field("serves", worker.serves);
    write_time(json, "started", worker.started);
    json.field("restarts", worker.restarts).field("connections", worker.connections).end_object();
  }
  json.end_array();
}

const char* outcome_of(const TaskRecord& record) {
  if (record.runs == 0) return "none";
  return record.error.empty() ? "done" : "failed";
}

void write_tasks(JsonWriter& json, const std::vector<TaskRecord>& tasks) {
  json.key("tasks").begin_array();
  for (const TaskRecord& record : tasks) {
    json.begin_object().field("task", record.task).field("last_outcome", outcome_of(record));
    json.field("error", record.error).field("worker", record.holder);
    json.field("runs", record.runs).field("failures", record.failures);
    write_time(json, "last_started", record.started);
    write_time(json, "last_finished", record.finished);
    write_time(json, "due", record.due);
    json.end_object();
  }
  json.end_array();
}

// Looks at the folder are due one by one; beyond so many, and a minute, something is wrong with them.
constexpr int kLateLooks = 3;

const char* status_of(const WatchedFolder& watched, const std::vector<TaskRecord>& tasks, base::UtcTime now) {
  const auto task = std::find_if(tasks.begin(), tasks.end(),
                                 [](const TaskRecord& record) { return record.task == WatchedFolder::kTask; });
  if (task == tasks.end() || task->runs == 0) return "starting";
  if (!task->error.empty()) return "failed";
  const auto late = kLateLooks * watched.options().interval + std::chrono::minutes(1);
  return now - task->finished > late ? "late" : "ok";
}

// Of all processes: what is remembered of the files is in the database.
void write_watched(JsonWriter& json, WatchedFolder& watched, const std::vector<TaskRecord>& tasks, base::UtcTime now) {
  const auto counts = watched.counts();
  if (!counts) return;
  json.key("watched_folder").begin_object().field("status", status_of(watched, tasks, now));
  json.key("files").begin_object();
  for (std::size_t state = 0; state < kWatchedStates.size(); ++state) {
    const auto at = counts->find(static_cast<WatchedState>(state));
    json.field(kWatchedStates[state], at == counts->end() ? std::size_t{0} : at->second);
  }
  json.end_object().end_object();
}

Response detailed(const Services& services, const ServerLoad& load) {
  const auto began = services.clock.monotonic();
  const auto answered = services.facts.extent(kNobody);
  const std::chrono::duration<double, std::milli> took = services.clock.monotonic() - began;
  const char* const database = answered ? "ok" : "unavailable";
  const char* const requests = load.overloaded ? "overloaded" : "ok";
  JsonWriter json;
  json.begin_object().field("status", answered ? requests : database).field("version", kVersion);
  json.key("parts").begin_object();
  json.key("database").begin_object().field("status", database).field("latency_ms", took.count()).end_object();
  json.key("requests").begin_object().field("status", requests).field("in_flight", load.in_flight);
  json.field("waiting", load.waiting).field("limit", load.limit).end_object();
  const auto tasks = services.leases != nullptr && answered
                         ? services.leases->tasks()
                         : base::Result<std::vector<TaskRecord>>(base::fail(base::ErrorKind::unavailable, "not asked"));
  if (services.watched != nullptr && tasks) write_watched(json, *services.watched, *tasks, services.clock.utc());
  json.end_object();
  if (services.workers != nullptr) write_workers(json, *services.workers);
  if (tasks) write_tasks(json, *tasks);
  json.end_object();
  Response response;
  response.status = answered ? 200 : 503;
  response.body = json.take();
  return response;
}

}  // namespace

void add_health_routes(Router& router, const Services& services) {
  JsonWriter json;
  json.begin_object().field("status", "ok").field("version", kVersion).end_object();
  const auto alive = [body = json.take()](const Request&) -> base::Result<Response> {
    Response response;
    response.body = body;
    return response;
  };
  const auto ask_all = [&services](const Request& request) -> base::Result<Response> {
    return detailed(services, request.load.value_or(ServerLoad{}));
  };
  router.add(Method::get, "/health", alive, Turn::at_once);
  router.add(Method::get, "/live", alive, Turn::at_once);
  router.add(Method::get, "/ready", ask_all, Turn::probe);
  router.add(Method::get, "/health/detailed", ask_all, Turn::probe);
}

void add_schedule_metrics(const Schedule& schedule, std::vector<prometheus::MetricFamily>& families) {
  using enum prometheus::MetricType;
  prometheus::MetricFamily runs{"task_runs_total", "Runs of scheduled tasks, by what came of them.", Counter, {}};
  prometheus::MetricFamily busy{"task_busy_seconds_total", "Time that scheduled tasks took.", Counter, {}};
  prometheus::MetricFamily last{"task_last_run_timestamp_seconds", "When one last came to its end.", Gauge, {}};
  for (const TaskCounts& counts : schedule.counts()) {
    const prometheus::ClientMetric::Label task{"task", counts.task};
    const auto add = [&](prometheus::MetricFamily& family, double value, const char* outcome = nullptr) {
      auto one = metric_family("", "", family.type, value, {task});
      if (outcome != nullptr) one.metric[0].label.push_back({"outcome", outcome});
      family.metric.push_back(std::move(one.metric[0]));
    };
    add(runs, static_cast<double>(counts.done), "done");
    add(runs, static_cast<double>(counts.failed), "failed");
    add(runs, static_cast<double>(counts.lost), "lost");
    add(busy, std::chrono::duration<double>(counts.busy).count());
    add(last, std::chrono::duration<double>(counts.last_finished.time_since_epoch()).count());
  }
  for (prometheus::MetricFamily* family : {&runs, &busy, &last}) {
    if (!family->metric.empty()) families.push_back(std::move(*family));
  }
}

void add_watch_metrics(const WatchUse& use, std::vector<prometheus::MetricFamily>& families) {
  using enum prometheus::MetricType;
  const auto add = [&](const char* name, const char* help, prometheus::MetricType type, double value) {
    families.push_back(metric_family(name, help, type, value));
  };
  add("watched_scans_total", "Looks at the watched folder.", Counter, static_cast<double>(use.scans));
  add("watched_files_seen_total", "Files in it that were new or had changed.", Counter, static_cast<double>(use.seen));
  add("watched_files_taken_total", "Files of it that were taken in.", Counter, static_cast<double>(use.taken));
  add("watched_files_failed_total", "Files of it that were refused, or no bill.", Counter,
      static_cast<double>(use.failed));
  add("watched_last_scan_timestamp_seconds", "When it was last looked at.", Gauge,
      std::chrono::duration<double>(use.last_scan.time_since_epoch()).count());
}

void add_metrics_route(Router& router, const Metrics& metrics) {
  const auto text = [&metrics](const Request&) -> base::Result<Response> {
    Response response;
    response.body = metrics.text();
    response.content_type = Metrics::kContentType;
    return response;
  };
  router.add(Method::get, "/metrics", text, Turn::at_once);
}

}  // namespace costagent
