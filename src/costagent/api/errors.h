// Failures as answers: `{error, message, details, request_id, timestamp}` with the right status.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/api/message.h"

namespace costagent {

// What is told of a failure that has no base::Error: those of HTTP itself.
struct Problem {
  int status;
  std::string_view code;       // `error` of the answer: stable, for programs
  std::string message;         // for people
  std::string field{};         // the one at fault, told in `details`
  unsigned retry_after_s = 1;  // told with a 503
};

Response problem_response(const Problem& problem, std::string_view request_id, base::UtcTime now);

// 422 for a field that is wrong, 400 for another wrong input, 404, 409, 413, 503 with Retry-After, 504 for what its
// deadline cut short; 500 for what is our own matter, which is logged under the request's id and not told to the
// caller.
Response error_response(const base::Error& error, std::string_view request_id, base::UtcTime now);

}  // namespace costagent
