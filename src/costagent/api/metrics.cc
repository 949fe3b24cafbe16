#include "costagent/api/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

#include "costagent/domain/version.h"

namespace costagent {
namespace {

// The statuses that have a place of their own in the table; others are looked up by name.
constexpr auto kKnown = std::to_array<int>(
    {200, 201, 202, 204, 400, 401, 403, 404, 405, 408, 409, 413, 417, 422, 429, 431, 500, 501, 502, 503, 504, 505});

// From what an answer of a few sums takes to what a person still waits for.
const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,   0.5,   1,      2.5,   5,    10,    30};

template <class Builder>
auto& made(Builder builder, const char* name, const char* help, prometheus::Registry& registry) {
  return builder.Name(name).Help(help).Register(registry);
}

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return {name, help, type, {std::move(metric)}};
}

// Under the names that those who look for a bottleneck know (docs/plan.md, Bottlenecks).
void add_database(const DatabaseUse& use, std::vector<prometheus::MetricFamily>& families) {
  using enum prometheus::MetricType;
  const auto add = [&](const char* name, const char* help, prometheus::MetricType type, double value) {
    families.push_back(family(name, help, type, value));
  };
  add("db_pool_in_use", "Connections that read the database.", Gauge, static_cast<double>(use.in_use));
  add("db_pool_size", "How many connections may.", Gauge, static_cast<double>(use.size));
  add("db_pool_waiting", "Requests that wait for a connection.", Gauge, static_cast<double>(use.waiting));
  add("lock_waiting", "Requests that wait for their turn to write.", Gauge, static_cast<double>(use.writers));
  add("lock_wait_seconds_total", "Time that writes waited for their turn.", Counter,
      std::chrono::duration<double>(use.wait).count());
  add("sqlite_wal_bytes", "Size of SQLite's write-ahead log.", Gauge, static_cast<double>(use.log_bytes));
}

}  // namespace

Metrics::Metrics(std::vector<std::string> patterns)
    : requests_(made(prometheus::BuildCounter(), "http_requests_total", "Answered requests, refused ones included.",
                     registry_)),
      in_flight_(made(prometheus::BuildGauge(), "http_requests_in_flight", "Requests being answered or waiting for it.",
                      registry_)
                     .Add({})),
      connections_(made(prometheus::BuildGauge(), "http_connections", "Open connections.", registry_).Add({})),
      refused_(made(prometheus::BuildCounter(), "http_requests_refused_total",
                    "Requests refused because too many were in flight or connected.", registry_)
                   .Add({})) {
  made(prometheus::BuildGauge(), "costagent_build_info", "1, with the version as a label.", registry_)
      .Add({{"version", kVersion}})
      .Set(1);
  auto& durations = made(prometheus::BuildHistogram(), "http_request_duration_seconds",
                         "From a request's last header to its answer, ready to be sent.", registry_);
  patterns.emplace_back(kUnmatched);
  for (std::string& pattern : patterns) {
    auto route = std::make_unique<Route>();
    route->duration = &durations.Add({{"route", pattern}}, kSeconds);
    route->pattern = std::move(pattern);
    routes_.push_back(std::move(route));
  }
}

void Metrics::count_request(std::size_t route, Method method, int status, base::Nanoseconds duration) {
  static_assert(kKnown.size() <= kStatuses);
  Route& of = *routes_[std::min(route, routes_.size() - 1)];
  of.duration->Observe(std::chrono::duration<double>(duration).count());
  const auto known = std::find(kKnown.begin(), kKnown.end(), status);
  auto* place = known == kKnown.end()
                    ? nullptr
                    : &of.requests[static_cast<std::size_t>(method)][static_cast<std::size_t>(known - kKnown.begin())];
  auto* counter = place == nullptr ? nullptr : place->load(std::memory_order_acquire);
  if (counter == nullptr) {
    // The family returns the one that there is, if another thread came first.
    counter = &requests_.Add(
        {{"method", std::string(name_of(method))}, {"route", of.pattern}, {"status", std::to_string(status)}});
    if (place != nullptr) place->store(counter, std::memory_order_release);
  }
  counter->Increment();
}

std::string Metrics::text() const {
  auto families = registry_.Collect();
  if (database_) add_database(database_(), families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace costagent
