#include "costagent/api/errors.h"

#include "base/log.h"
#include "base/time.h"
#include "costagent/api/json_writer.h"

namespace costagent {

Response problem_response(const Problem& problem, std::string_view request_id, base::UtcTime now) {
  JsonWriter json;
  json.begin_object().field("error", problem.code).field("message", problem.message).key("details").begin_object();
  if (!problem.field.empty()) json.field("field", problem.field);
  json.end_object().field("request_id", request_id).field("timestamp", base::format_time_ms(now)).end_object();
  Response response;
  response.status = problem.status;
  response.body = json.take();
  if (problem.status == 503) response.headers.emplace_back("Retry-After", std::to_string(problem.retry_after_s));
  return response;
}

Response error_response(const base::Error& error, std::string_view request_id, base::UtcTime now) {
  using base::ErrorKind;
  Problem problem{500, "internal", error.message, error.field, 1};
  switch (error.kind) {
    case ErrorKind::invalid:
      problem.status = error.field.empty() ? 400 : 422;
      problem.code = error.field.empty() ? "invalid_request" : "invalid_field";
      break;
    case ErrorKind::not_found:
      problem.status = 404;
      problem.code = "not_found";
      break;
    case ErrorKind::conflict:
      problem.status = 409;
      problem.code = "conflict";
      break;
    case ErrorKind::too_large:
      problem.status = 413;
      problem.code = "too_large";
      break;
    case ErrorKind::unavailable:
    case ErrorKind::cancelled:
      problem.status = 503;
      problem.code = "unavailable";
      break;
    case ErrorKind::timeout:
      problem.status = 504;
      problem.code = "timeout";
      break;
    case ErrorKind::io:
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      base::log(base::LogLevel::error, "request {}: {}", request_id, error.message);
      problem.message = "the agent failed to answer; its log says why, under this request_id";
      break;
  }
  return problem_response(problem, request_id, now);
}

}  // namespace costagent
