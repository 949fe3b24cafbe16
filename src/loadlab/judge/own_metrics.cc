#include "loadlab/judge/own_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "loadlab/judge/figures.h"

namespace loadlab {
namespace {

// Above this share of its time, or of its room, a thing is what limits.
constexpr double kFullShare = 0.85;
constexpr double kTimeShare = 0.3;
constexpr double kRefused = 0.05;

struct UsualName {
  std::string_view cause;
  std::string_view role;
  std::string_view name;
};

// As HikariCP, Go's database/sql collector, SQLAlchemy's exporters and Micrometer name them, and this project.
constexpr UsualName kUsualNames[] = {
    {"pool", "used", "db_pool_in_use"},
    {"pool", "used", "hikaricp_connections_active"},
    {"pool", "used", "go_sql_in_use_connections"},
    {"pool", "used", "sqlalchemy_pool_checkedout"},
    {"pool", "size", "db_pool_size"},
    {"pool", "size", "hikaricp_connections_max"},
    {"pool", "size", "go_sql_max_open_connections"},
    {"pool", "size", "sqlalchemy_pool_size"},
    {"pool", "waiting", "db_pool_waiting"},
    {"pool", "waiting", "hikaricp_connections_pending"},
    {"lock", "waiting", "lock_waiting"},
    {"lock", "time", "lock_wait_seconds_total"},
    {"lock", "time", "go_sync_mutex_wait_total_seconds_total"},
    {"queue", "length", "queue_length"},
    {"queue", "length", "executor_queued_tasks"},
    {"queue", "limit", "queue_limit"},
    {"queue", "limit", "executor_queue_limit"},
    {"downstream", "time", "downstream_seconds_total"},
    {"downstream", "time", "http_client_requests_seconds_sum"},
    {"disk", "time", "disk_seconds_total"},
    {"rate limit", "refused", "rate_limited_total"},
};

// A metric's name without its labels: `a` of `a{b="c"}`.
std::string_view bare(std::string_view name) { return name.substr(0, name.find('{')); }

class OwnMetrics {
 public:
  OwnMetrics(const Test& plan, const TestResult& test, const HighLoad& high) : plan_(plan), test_(test), high_(high) {}

  std::vector<Candidate> all() {
    pool();
    queue();
    waiting_time("lock", "waiting for a lock", "hold the lock for less: move work out of it, or split what it guards");
    waiting_time("disk", "waiting for a disk", "write less often or in batches, or to a faster disk");
    waiting_time("downstream", "waiting for services behind it",
                 "make that service faster, call it less often, or keep its answers");
    rate_limit();
    return std::move(found_);
  }

 private:
  // The sum of all series of a name, on average within the high load.
  std::optional<double> value_of(std::string_view name) const {
    std::optional<double> sum;
    for (const ProbeSeries& series : test_.probes) {
      if (series.probe != "prometheus") continue;
      for (const MetricSeries& metric : series.metrics) {
        if (bare(metric.name) != name) continue;
        const auto average = average_within(series, metric.name, high_);
        if (average) sum = sum.value_or(0) + *average;
      }
    }
    return sum;
  }

  std::optional<double> read(std::string_view cause, std::string_view role) const {
    const auto told = plan_.causes.find({std::string(cause), std::string(role)});
    if (told != plan_.causes.end()) return value_of(told->second);
    for (const UsualName& usual : kUsualNames) {
      if (usual.cause != cause || usual.role != role) continue;
      if (const auto value = value_of(usual.name)) return value;
    }
    return std::nullopt;
  }

  void add(std::string cause, double share, std::string evidence, std::string advice) {
    found_.push_back(
        {std::move(cause), 0.9 + 0.1 * std::min(share, 1.0), true, std::move(evidence), std::move(advice)});
  }

  void pool() {
    const auto used = read("pool", "used");
    const auto size = read("pool", "size");
    if (!used || !size || *size <= 0 || *used < kFullShare * *size) return;
    const double waiting = read("pool", "waiting").value_or(0);
    std::string database;
    for (const ProbeSeries* server : wholes_of(test_.probes, "postgresql")) {
      if (const auto active = average_within(*server, "sessions_active", high_))
        database = fmt::format(", while the database works on {} statements at once", figure(*active));
    }
    add("pool", *used / *size,
        fmt::format("the pool of {} is {} % in use and {} requests wait for it{}", figure(*size),
                    figure(100 * *used / *size), figure(waiting), database),
        "raise the pool, or hold its connections for less time");
  }

  void queue() {
    const auto length = read("queue", "length");
    const auto limit = read("queue", "limit");
    if (!length || !limit || *limit <= 0 || *length < kFullShare * *limit) return;
    add("queue", *length / *limit, fmt::format("its queue of {} holds {} requests", figure(*limit), figure(*length)),
        "add workers behind the queue; a longer one only makes the wait longer");
  }

  void waiting_time(std::string_view cause, std::string_view what, std::string_view advice) {
    const auto seconds_a_second = read(cause, "time");
    const double all = high_.rate * high_.response_ms / 1000;
    if (!seconds_a_second || all <= 0 || *seconds_a_second < kTimeShare * all) return;
    const double share = std::min(1.0, *seconds_a_second / all);
    add(std::string(cause), share, fmt::format("{} % of the requests' time is spent {}", figure(100 * share), what),
        std::string(advice));
  }

  void rate_limit() {
    const auto refused = read("rate limit", "refused");
    if (!refused || high_.rate <= 0 || *refused < kRefused * high_.rate) return;
    add("rate limit", 1,
        fmt::format("its limit refuses {} % of the requests", figure(std::min(100.0, 100 * *refused / high_.rate))),
        "raise the limit, or send less");
  }

  const Test& plan_;
  const TestResult& test_;
  const HighLoad& high_;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<std::string> usual_names() {
  std::vector<std::string> names;
  for (const UsualName& usual : kUsualNames) names.emplace_back(usual.name);
  return names;
}

std::vector<std::string> unread_causes(const Test& plan, const TestResult& test) {
  std::vector<std::string> unread;
  for (const auto& [key, name] : plan.causes) {
    const bool read = std::any_of(test.probes.begin(), test.probes.end(), [&name = name](const ProbeSeries& series) {
      return series.probe == "prometheus" &&
             std::any_of(series.metrics.begin(), series.metrics.end(),
                         [&](const MetricSeries& metric) { return bare(metric.name) == name; });
    });
    if (!read) unread.push_back(name);
  }
  return unread;
}

std::vector<Candidate> own_candidates(const Test& plan, const TestResult& test, const HighLoad& high) {
  return OwnMetrics(plan, test, high).all();
}

}  // namespace loadlab
