// What the agent counts of itself, in Prometheus' text form.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

#include "base/clock.h"

namespace prometheus {
class Registry;
class Counter;
class Gauge;
class Histogram;
template <class T>
class Family;
}  // namespace prometheus

namespace costagent {

// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Every request that is answered, refused ones too. `route` is the route's template, never a path as it came: paths
  // are without number, series must not be.
  void count_request(std::string_view method, std::string_view route, int status, base::Nanoseconds took);
  void count_refused();
  void set_in_flight(int requests);
  void set_connections(int connections);

  // The text that GET /metrics answers with.
  std::string text() const;

 private:
  struct Families;
  using Key = std::tuple<std::string, std::string, int>;

  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Families> families_;
  std::mutex mutex_;
  std::map<Key, prometheus::Counter*, std::less<>> requests_;
  std::map<std::string, prometheus::Histogram*, std::less<>> durations_;
};

}  // namespace costagent
