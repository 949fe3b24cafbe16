#include "costagent/api/errors.h"

#include <boost/json.hpp>

#include "base/log.h"
#include "base/time.h"

namespace costagent {
namespace {

using base::ErrorKind;

// How long a refused client is asked to wait: a burst is over by then, and a second's wait is no harm to a job.
constexpr const char* kRetryAfterSeconds = "1";

std::string_view code_of(int status) {
  switch (status) {
    case 400:
      return "bad_request";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 408:
      return "timeout";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 422:
      return "validation_error";
    case 431:
      return "headers_too_large";
    case 503:
      return "unavailable";
    default:
      return "internal_error";
  }
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 422;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::unavailable:
    case ErrorKind::cancelled:
      return 503;
    case ErrorKind::io:
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

}  // namespace

Response error_response(int status, std::string_view message, std::string_view field, const Request& request,
                        const base::Clock& clock) {
  boost::json::object details;
  if (!field.empty()) details["field"] = field;
  Response response;
  response.status = status;
  response.body = boost::json::serialize(boost::json::object{{"error", code_of(status)},
                                                             {"message", message},
                                                             {"details", std::move(details)},
                                                             {"request_id", request.request_id},
                                                             {"timestamp", base::format_time_ms(clock.utc())}});
  if (status == 503) response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  return response;
}

Response error_response(const base::Error& error, const Request& request, const base::Clock& clock) {
  const int status = status_of(error.kind);
  if (status != 500) return error_response(status, error.message, error.field, request, clock);
  base::log(base::LogLevel::error, "request {}: {} {}: {}", request.request_id, request.method, request.path,
            error.message);
  return error_response(status, "the request could not be carried out; the log has the reason under the request's id",
                        "", request, clock);
}

}  // namespace costagent
