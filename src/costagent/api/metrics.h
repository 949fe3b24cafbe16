// What the API counts, as Prometheus reads it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "costagent/api/message.h"
#include "costagent/domain/database_use.h"

namespace costagent {

// Labels hold route templates, never paths, so that no caller can make new series: there are at most (routes + 1) × 8
// methods × the statuses that this program sends. Thread-safe; counting takes no lock once a series is known.
class Metrics {
 public:
  // The route of requests that match none.
  static constexpr std::string_view kUnmatched = "unmatched";

  explicit Metrics(std::vector<std::string> patterns);

  // `route` is the number of its pattern, or their count for none.
  void count_request(std::size_t route, Method method, int status, base::Nanoseconds duration);
  void count_refused() { refused_.Increment(); }

  prometheus::Gauge& in_flight() { return in_flight_; }
  prometheus::Gauge& connections() { return connections_; }

  // What of the database is told with every text, from any thread. Call it before the first one.
  void watch_database(std::function<DatabaseUse()> use) { database_ = std::move(use); }

  // The text format 0.0.4.
  std::string text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  static constexpr std::size_t kStatuses = 24;
  using Statuses = std::array<std::atomic<prometheus::Counter*>, kStatuses>;
  struct Route {
    std::string pattern;
    std::array<Statuses, kMethods> requests{};
    prometheus::Histogram* duration = nullptr;
  };

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Gauge& in_flight_;
  prometheus::Gauge& connections_;
  prometheus::Counter& refused_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::function<DatabaseUse()> database_;
};

}  // namespace costagent
