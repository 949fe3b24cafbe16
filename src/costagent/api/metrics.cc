#include "costagent/api/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

#include "costagent/api/merge_metrics.h"
#include "costagent/api/process_metrics.h"
#include "costagent/domain/version.h"

namespace costagent {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// The statuses that are told apart; any other one is counted as `other`.
constexpr auto kKnown = std::to_array<int>({200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410,
                                            412, 413, 415, 417, 422, 428, 429, 431, 500, 501, 502, 503, 504, 505, 507});
static_assert(kKnown.size() < HttpCounts::kStatuses, "the last one is for all others");

// Seconds: from what an answer of a few sums takes to what a person still waits for.
constexpr auto kBounds =
    std::to_array<double>({0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30});
static_assert(kBounds.size() + 1 == HttpCounts::kBuckets, "the last one has no bound");

template <class Builder>
auto& made(Builder builder, const char* name, const char* help, prometheus::Registry& registry) {
  return builder.Name(name).Help(help).Register(registry);
}

// From no wait at all to what is dropped.
const prometheus::Histogram::BucketBoundaries kWaits{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

prometheus::Gauge& gauge(const char* name, const char* help, prometheus::Registry& registry) {
  return made(prometheus::BuildGauge(), name, help, registry).Add({});
}

// Under the names that those who look for a bottleneck know (docs/plan.md, Bottlenecks).
void add_database(const DatabaseUse& use, std::vector<MetricFamily>& families) {
  using enum MetricType;
  const auto add = [&](const char* name, const char* help, MetricType type, double value) {
    families.push_back(metric_family(name, help, type, value));
  };
  add("db_pool_in_use", "Connections that read the database.", Gauge, static_cast<double>(use.in_use));
  add("db_pool_size", "How many connections may.", Gauge, static_cast<double>(use.size));
  add("db_pool_waiting", "Requests that wait for a connection.", Gauge, static_cast<double>(use.waiting));
  add("lock_waiting", "Requests that wait for their turn to write.", Gauge, static_cast<double>(use.writers));
  add("lock_wait_seconds_total", "Time that writes waited for their turn.", Counter,
      std::chrono::duration<double>(use.wait).count());
  add("sqlite_wal_bytes", "Size of SQLite's write-ahead log.", Gauge, static_cast<double>(use.log_bytes));
  if (!use.sessions) return;
  const SessionUse& sessions = *use.sessions;
  add("db_sessions_open", "Sessions with the database server, idle ones included.", Gauge,
      static_cast<double>(sessions.open));
  add("db_sessions_lent_total", "How often a session was lent.", Counter, static_cast<double>(sessions.lent));
  add("db_sessions_returned_total", "How often one came back.", Counter, static_cast<double>(sessions.returned));
  add("db_sessions_made_total", "Sessions that were opened.", Counter, static_cast<double>(sessions.made));
  add("db_sessions_broken_total", "Sessions that had to be given up.", Counter, static_cast<double>(sessions.broken));
  add("db_pool_timeouts_total", "Requests whose time was over before a session was free.", Counter,
      static_cast<double>(sessions.timeouts));
  add("db_pool_wait_seconds_total", "Time that requests waited for a session.", Counter,
      std::chrono::duration<double>(sessions.waited).count());
  add("db_session_lease_seconds_max", "How long the session that is lent for longest has been.", Gauge,
      std::chrono::duration<double>(sessions.oldest).count());
}

void add_workers(const WorkerBoard& board, std::vector<MetricFamily>& families) {
  double serving = 0;
  for (const WorkerInfo& worker : board.workers()) serving += worker.serves ? 1 : 0;
  families.push_back(metric_family("costagent_workers", "Workers that serve.", MetricType::Gauge, serving));
  families.push_back(metric_family("costagent_worker_restarts_total", "Workers that ended though nobody wanted it.",
                                   MetricType::Counter, static_cast<double>(board.restarts())));
}

// One of the numbers of a place, summed over the workers.
template <class Number>
double sum(const std::vector<const HttpCounts*>& all, const Number& number) {
  std::int64_t total = 0;
  for (const HttpCounts* counts : all) total += number(*counts).get();
  return static_cast<double>(total);
}

void add_requests(const std::vector<const HttpCounts*>& all, std::size_t route, const std::string& pattern,
                  MetricFamily& family) {
  for (std::size_t method = 0; method < kMethods; ++method) {
    for (std::size_t status = 0; status < HttpCounts::kStatuses; ++status) {
      const double count = sum(all, [&](const HttpCounts& counts) -> const SharedNumber& {
        return counts.routes[route].requests[method][status];
      });
      if (count == 0) continue;
      ClientMetric metric;
      metric.label = {{"method", std::string(name_of(static_cast<Method>(method)))},
                      {"route", pattern},
                      {"status", status < kKnown.size() ? std::to_string(kKnown[status]) : "other"}};
      metric.counter.value = count;
      family.metric.push_back(std::move(metric));
    }
  }
}

void add_durations(const std::vector<const HttpCounts*>& all, std::size_t route, const std::string& pattern,
                   MetricFamily& family) {
  ClientMetric metric;
  metric.label = {{"route", pattern}};
  double count = 0;
  for (std::size_t bucket = 0; bucket < HttpCounts::kBuckets; ++bucket) {
    count += sum(
        all, [&](const HttpCounts& counts) -> const SharedNumber& { return counts.routes[route].durations[bucket]; });
    const double bound = bucket < kBounds.size() ? kBounds[bucket] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({static_cast<std::uint64_t>(count), bound});
  }
  metric.histogram.sample_count = static_cast<std::uint64_t>(count);
  metric.histogram.sample_sum =
      sum(all, [&](const HttpCounts& counts) -> const SharedNumber& { return counts.routes[route].nanoseconds; }) / 1e9;
  family.metric.push_back(std::move(metric));
}

}  // namespace

MetricFamily metric_family(const char* name, const char* help, MetricType type, double value,
                           std::vector<ClientMetric::Label> labels) {
  ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  metric.label = std::move(labels);
  return {name, help, type, {std::move(metric)}};
}

Metrics::Metrics(std::vector<std::string> patterns, WorkerPlace place)
    : routes_([&] {
        patterns.emplace_back(kUnmatched);
        return std::move(patterns);
      }()),
      place_(place),
      alone_(place.board == nullptr ? std::make_unique<HttpCounts>() : nullptr),
      http_(place.board == nullptr ? alone_.get() : &place.board->counts(place.place)),
      queue_wait_(made(prometheus::BuildHistogram(), "http_queue_wait_seconds",
                       "From when a request was read until a thread began with it.", registry_)
                      .Add({}, kWaits)),
      queue_length_(gauge("queue_length", "Requests that wait for a thread.", registry_)),
      queue_limit_(gauge("queue_limit", "How many may, by the pace at which the queue moves.", registry_)),
      limit_(gauge("http_requests_limit", "How many requests may be in flight, by the same.", registry_)),
      overloaded_(gauge("http_overloaded", "Processes that refused a request for want of room within the last second.",
                        registry_)) {
  assert(routes_.size() <= HttpCounts::kRoutes);
  auto& refused = made(prometheus::BuildCounter(), "http_requests_refused_total",
                       "Requests that nobody worked on, by the reason.", registry_);
  for (std::size_t i = 1; i < kRefusals; ++i) {
    refused_[i] = &refused.Add({{"reason", std::string(name_of(static_cast<Refusal>(i)))}});
  }
  made(prometheus::BuildGauge(), "costagent_build_info", "1, with the version as a label.", registry_)
      .Add({{"version", kVersion}})
      .Set(1);
}

void Metrics::count_request(std::size_t route, Method method, int status, base::Nanoseconds duration) {
  HttpCounts::Route& of = http_->routes[std::min(route, routes_.size() - 1)];
  const double seconds = std::chrono::duration<double>(duration).count();
  // The bucket whose bound is the first that is not below.
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  of.durations[bucket].add(1);
  of.nanoseconds.add(duration.count());
  const auto known = std::find(kKnown.begin(), kKnown.end(), status);
  const auto place =
      known == kKnown.end() ? HttpCounts::kStatuses - 1 : static_cast<std::size_t>(known - kKnown.begin());
  of.requests[static_cast<std::size_t>(method)][place].add(1);
}

void Metrics::observe_queue_wait(base::Nanoseconds wait) {
  queue_wait_.Observe(std::chrono::duration<double>(wait).count());
}

void Metrics::tell_load(const ServerLoad& load) {
  queue_length_.Set(static_cast<double>(load.waiting));
  queue_limit_.Set(static_cast<double>(load.waiting_limit));
  limit_.Set(static_cast<double>(load.limit));
  overloaded_.Set(load.overloaded ? 1 : 0);
}

// What the others can't know of this process: all but the requests.
std::string Metrics::own_text() const {
  auto families = registry_.Collect();
  if (database_) add_database(database_(), families);
  for (const Watch& watch : watches_) watch(families);
  std::vector<ClientMetric::Label> labels;
  if (place_.board != nullptr) labels = {{"worker", std::to_string(place_.number)}};
  add_process_metrics(labels, families);
  return prometheus::TextSerializer().Serialize(families);
}

void Metrics::add_http(std::vector<MetricFamily>& families) const {
  std::vector<const HttpCounts*> all{http_};
  if (place_.board != nullptr) {
    all.clear();
    for (unsigned place = 0; place < place_.board->places(); ++place) all.push_back(&place_.board->counts(place));
  }
  MetricFamily requests{"http_requests_total", "Answered requests, refused ones included.", MetricType::Counter, {}};
  MetricFamily durations{"http_request_duration_seconds",
                         "From a request's last header to its answer, ready to be sent.",
                         MetricType::Histogram,
                         {}};
  for (std::size_t route = 0; route < routes_.size(); ++route) {
    add_requests(all, route, routes_[route], requests);
    add_durations(all, route, routes_[route], durations);
  }
  families.push_back(std::move(requests));
  families.push_back(std::move(durations));
  families.push_back(
      metric_family("http_requests_in_flight", "Requests being answered or waiting for it.", MetricType::Gauge,
                    sum(all, [](const HttpCounts& counts) -> const SharedNumber& { return counts.in_flight; })));
  families.push_back(
      metric_family("http_connections", "Open connections.", MetricType::Gauge,
                    sum(all, [](const HttpCounts& counts) -> const SharedNumber& { return counts.connections; })));
}

std::string Metrics::text() const {
  std::string text;
  if (place_.board == nullptr) {
    text = own_text();
  } else {
    // What is told here is seen by the others from now on, so that nobody who asks one and then another sees a count
    // go down.
    publish();
    text = merge_metrics(place_.board->texts(), MergeMetrics::all);
  }
  std::vector<MetricFamily> families;
  add_http(families);
  if (place_.board != nullptr) add_workers(*place_.board, families);
  return text + prometheus::TextSerializer().Serialize(families);
}

void Metrics::publish() const {
  if (place_.board == nullptr) return;
  // Counted and shown in one go: what was counted earlier must not be shown later.
  const std::lock_guard lock(publishing_);
  place_.board->publish(place_.place, own_text());
}

}  // namespace costagent
