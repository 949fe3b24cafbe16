// What the API counts, as Prometheus reads it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "costagent/api/admission.h"
#include "costagent/api/http_counts.h"
#include "costagent/api/message.h"
#include "costagent/api/worker_board.h"
#include "costagent/domain/database_use.h"

namespace costagent {

// Where a worker that is one of several shares what it counts. Nowhere: a process of its own.
struct WorkerPlace {
  WorkerBoard* board = nullptr;  // must outlive the metrics
  unsigned place = 0;
  unsigned number = 0;  // of the worker, its label
};

// Labels hold route templates, never paths, so that no caller can make new series: there are at most (routes + 1) × 8
// methods × the statuses that this program sends. Thread-safe; counting takes no lock.
//
// Of several workers each tells the sum of all. Requests are counted where the others see them at once; everything else
// is as old as the others' last `publish`.
class Metrics {
 public:
  // The route of requests that match none.
  static constexpr std::string_view kUnmatched = "unmatched";

  // At most HttpCounts::kRoutes - 1 patterns.
  explicit Metrics(std::vector<std::string> patterns, WorkerPlace place = {});

  // `route` is the number of its pattern, or their count for none.
  void count_request(std::size_t route, Method method, int status, base::Nanoseconds duration);
  void count_refused(Refusal why) { refused_[static_cast<std::size_t>(why)]->Increment(); }
  void observe_queue_wait(base::Nanoseconds wait);
  void tell_load(const ServerLoad& load);

  SharedNumber& in_flight() { return http_->in_flight; }
  SharedNumber& connections() { return http_->connections; }

  // What of the database is told with every text, from any thread. Call it before the first one.
  void watch_database(std::function<DatabaseUse()> use) { database_ = std::move(use); }

  // Adds what is only known when it is asked for, from any thread and without blocking. Call it before the first text.
  using Watch = std::function<void(std::vector<prometheus::MetricFamily>&)>;
  void watch(Watch watch) { watches_.push_back(std::move(watch)); }

  // The text format 0.0.4.
  std::string text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  // Shows the other workers what this one counts. Every second, so that none tells of a long time ago.
  void publish() const;

 private:
  std::string own_text() const;
  void add_http(std::vector<prometheus::MetricFamily>& families) const;

  const std::vector<std::string> routes_;  // the patterns, and the one of those that match none
  const WorkerPlace place_;
  std::unique_ptr<HttpCounts> alone_;
  HttpCounts* http_;
  prometheus::Registry registry_;
  std::array<prometheus::Counter*, kRefusals> refused_{};
  prometheus::Histogram& queue_wait_;
  prometheus::Gauge& queue_length_;
  prometheus::Gauge& queue_limit_;
  prometheus::Gauge& limit_;
  prometheus::Gauge& overloaded_;
  std::function<DatabaseUse()> database_;
  std::vector<Watch> watches_;
  mutable std::mutex publishing_;
};

// A family of one series, for who watches.
prometheus::MetricFamily metric_family(const char* name, const char* help, prometheus::MetricType type, double value,
                                       std::vector<prometheus::ClientMetric::Label> labels = {});

}  // namespace costagent
