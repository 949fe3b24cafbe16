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

  // What becomes of a body that is about to be read: it goes somewhere, or there is an answer already; or neither, and
  // it is read into memory.
  struct BodyDecision {
    std::unique_ptr<Incoming> incoming;
    std::optional<Response> response;
  };
  BodyDecision decide_body(const Request& request) const;

  // The answer to a request that is not worked on.
  Response refusal(Refusal why, unsigned retry_after_s, std::string_view request_id) const;

  // Handlers throw nothing of their own; what a library or a lack of memory may throw becomes an answer here.
  Response run(const Router::Route& route, const Request& request) const;
  Response run_again(const std::function<Response(bool)>& ask, bool last, const Request& request) const;

  Response problem(const Problem& problem, std::string_view request_id) const {
    return problem_response(problem, request_id, clock_.utc());
  }
  Response failure(const base::Error& error, std::string_view request_id) const {
    return error_response(error, request_id, clock_.utc());
  }

  // What a request is counted under that could not be read; `method` and `path` are what is known of it.
  std::size_t pattern_of(Method method, std::string_view path) const { return pattern_of(router_.match(method, path)); }

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
