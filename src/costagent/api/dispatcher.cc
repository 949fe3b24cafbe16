#include "costagent/api/dispatcher.h"

namespace costagent {
namespace {

// No work was begun: the request may be sent again, whatever it asks for.
std::string_view sentence_of(Refusal why) {
  switch (why) {
    case Refusal::deadline:
      return "the request's time would be over before its answer: try again later, or give it more time";
    case Refusal::stale:
    case Refusal::gone:
      return "the request waited for too long: try again later";
    case Refusal::stopped:
      return "the agent is stopping";
    case Refusal::crowded:
      return "too many connections are open: try again later";
    case Refusal::unread:
      return "too many answers wait to be read: try again later";
    case Refusal::none:
    case Refusal::full:
      break;
  }
  return "more requests wait already than can be answered soon: try again later";
}

}  // namespace

std::size_t Dispatcher::pattern_of(const Router::Match& match) const {
  return match.pattern == nullptr ? router_.patterns().size() : match.pattern->number;
}

Dispatcher::Decision Dispatcher::decide(Request& request) const {
  const auto match = router_.match(request.method, request.path);
  request.parameters = match.parameters;
  Decision decision;
  decision.pattern = pattern_of(match);
  if (match.route == nullptr) {
    decision.response = unmatched(match, request);
  } else if (match.route->turn == Turn::at_once) {
    decision.response = run(*match.route, request);
  } else {
    decision.route = match.route;
  }
  return decision;
}

Dispatcher::BodyDecision Dispatcher::decide_body(const Request& request) const {
  BodyDecision decision;
  const auto match = router_.match(request.method, request.path);
  if (match.route == nullptr || !match.route->intake) return decision;
  base::Result<std::unique_ptr<Incoming>> incoming;
  try {
    incoming = match.route->intake(request);
  } catch (const std::exception& exception) {
    incoming = base::fail(base::ErrorKind::internal, "{}", exception.what());
  }
  if (incoming) {
    decision.incoming = std::move(*incoming);
  } else {
    decision.response = failure(incoming.error(), request.request_id);
  }
  return decision;
}

Response Dispatcher::refusal(Refusal why, unsigned retry_after_s, std::string_view request_id) const {
  return problem_response({503, "overloaded", std::string(sentence_of(why)), {}, retry_after_s}, request_id,
                          clock_.utc());
}

template <class Call>
Response Dispatcher::guarded(const Request& request, Call call) const {
  try {
    try {
      return call();
    } catch (const std::exception& exception) {
      return error_response({base::ErrorKind::internal, exception.what()}, request.request_id, clock_.utc());
    }
  } catch (const std::bad_alloc&) {
    return {500, {}};  // not even the words for it
  }
}

Response Dispatcher::run(const Router::Route& route, const Request& request) const {
  return guarded(request, [&] {
    auto response = route.handler(request);
    return response ? std::move(*response) : error_response(response.error(), request.request_id, clock_.utc());
  });
}

Response Dispatcher::run_again(const std::function<Response(bool)>& ask, bool last, const Request& request) const {
  return guarded(request, [&] { return ask(last); });
}

Response Dispatcher::unmatched(const Router::Match& match, const Request& request) const {
  if (match.pattern == nullptr) {
    return problem_response({404, "not_found", "there is nothing at this path"}, request.request_id, clock_.utc());
  }
  const auto allowed = router_.allowed(*match.pattern);
  auto response = problem_response({405, "method_not_allowed", "this path takes only " + allowed}, request.request_id,
                                   clock_.utc());
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace costagent
