#include "costagent/api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "costagent/domain/version.h"

namespace costagent {
namespace {

// Seconds: from an answer out of memory to one that nobody waits for.
const prometheus::Histogram::BucketBoundaries kDurations = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                            0.1,    0.25,  0.5,    1,     2.5,  5,     10};

}  // namespace

struct Metrics::Families {
  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& durations;
  prometheus::Counter& refused;
  prometheus::Gauge& in_flight;
  prometheus::Gauge& connections;
};

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {
  auto& requests = prometheus::BuildCounter()
                       .Name("http_requests_total")
                       .Help("Requests answered, by method, route and status")
                       .Register(*registry_);
  auto& durations = prometheus::BuildHistogram()
                        .Name("http_request_duration_seconds")
                        .Help("From a request read whole to its answer ready to send, by route")
                        .Register(*registry_);
  auto& refused = prometheus::BuildCounter()
                      .Name("http_requests_refused_total")
                      .Help("Requests answered with 503 because too many were in flight")
                      .Register(*registry_)
                      .Add({});
  auto& in_flight = prometheus::BuildGauge()
                        .Name("http_requests_in_flight")
                        .Help("Requests being worked on")
                        .Register(*registry_)
                        .Add({});
  auto& connections =
      prometheus::BuildGauge().Name("http_connections").Help("Open connections").Register(*registry_).Add({});
  prometheus::BuildGauge()
      .Name("costagent_build_info")
      .Help("1, labelled with the version")
      .Register(*registry_)
      .Add({{"version", kVersion}})
      .Set(1);
  families_ = std::unique_ptr<Families>(new Families{requests, durations, refused, in_flight, connections});
}

Metrics::~Metrics() = default;

void Metrics::count_request(std::string_view method, std::string_view route, int status, base::Nanoseconds took) {
  prometheus::Counter* counter = nullptr;
  prometheus::Histogram* duration = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto known = requests_.find(std::make_tuple(method, route, status));
    if (known == requests_.end()) {
      const Key key{std::string(method), std::string(route), status};
      auto& added = families_->requests.Add(
          {{"method", std::get<0>(key)}, {"route", std::get<1>(key)}, {"status", std::to_string(status)}});
      known = requests_.emplace(key, &added).first;
    }
    counter = known->second;
    auto timed = durations_.find(route);
    if (timed == durations_.end()) {
      auto& added = families_->durations.Add({{"route", std::string(route)}}, kDurations);
      timed = durations_.emplace(std::string(route), &added).first;
    }
    duration = timed->second;
  }
  counter->Increment();
  duration->Observe(std::chrono::duration<double>(took).count());
}

void Metrics::count_refused() { families_->refused.Increment(); }

void Metrics::set_in_flight(int requests) { families_->in_flight.Set(requests); }

void Metrics::set_connections(int connections) { families_->connections.Set(connections); }

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

}  // namespace costagent
