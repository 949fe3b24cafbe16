// Decides who answers a request, words refusals, and counts them all. Knows nothing of sockets.
#pragma once

#include "base/clock.h"
#include "costagent/api/admission.h"
#include "costagent/api/errors.h"
#include "costagent/api/metrics.h"
#include "costagent/api/router.h"

namespace costagent {

// Thread-safe. Router, metrics and clock must outlive it.
class Dispatcher {
 public:
  Dispatcher(const Router& router, Metrics& metrics, const base::Clock& clock)
      : router_(router), metrics_(metrics), clock_(clock) {}

  // What becomes of a request: its answer at once, or `route`, to be run when it is its turn.
  struct Decision {
    Response response;
    const Router::Route* route = nullptr;
    std::size_t pattern = 0;  // that it is counted under
  };

  // Sets the request's parameters.
  Decision decide(Request& request) const;

  // The answer to a request that is not worked on.
  Response refusal(Refusal why, unsigned retry_after_s, std::string_view request_id) const;

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
};

}  // namespace costagent
