// Decides who answers a request, lets so many in and no more, and counts them all. Knows nothing of sockets.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "costagent/api/errors.h"
#include "costagent/api/metrics.h"
#include "costagent/api/router.h"

namespace costagent {

// Thread-safe. Router, metrics and clock must outlive it.
class Dispatcher {
 public:
  Dispatcher(const Router& router, Metrics& metrics, const base::Clock& clock, std::size_t max_in_flight)
      : router_(router), metrics_(metrics), clock_(clock), max_in_flight_(max_in_flight) {}

  // What becomes of a request: its answer at once, or `route`, to be run on a worker thread and then told by `leave`.
  struct Decision {
    Response response;
    const Router::Route* route = nullptr;
    std::size_t pattern = 0;  // that it is counted under
  };

  // Sets the request's parameters. With `crowded`, only what is answered at once is answered.
  Decision admit(Request& request, bool crowded);
  void leave();

  // Handlers throw nothing of their own; what a library or a lack of memory may throw becomes an answer here.
  Response run(const Router::Route& route, const Request& request) const;
  Response run_again(const std::function<Response(bool)>& ask, bool last, const Request& request) const;

  // The answer to what could not be read as a request; `method` and `path` are what is known of it.
  Decision refuse(Method method, std::string_view path, const Problem& problem, std::string_view request_id) const;

  void count(std::size_t pattern, Method method, int status, base::Nanoseconds began) {
    metrics_.count_request(pattern, method, status, clock_.monotonic() - began);
  }

 private:
  template <class Call>
  Response guarded(const Request& request, Call call) const;
  std::size_t pattern_of(const Router::Match& match) const;
  Response unmatched(const Router::Match& match, const Request& request) const;

  const Router& router_;
  Metrics& metrics_;
  const base::Clock& clock_;
  const std::size_t max_in_flight_;
  std::atomic<std::size_t> in_flight_{0};
};

}  // namespace costagent
