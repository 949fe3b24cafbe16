// Errors as the API tells them: {error, message, details, request_id, timestamp}.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/api/http.h"

namespace costagent {

// `field`, where one is at fault, goes into the details.
Response error_response(int status, std::string_view message, std::string_view field, const Request& request,
                        const base::Clock& clock);

// A failure below, with the status that fits its kind. What is our fault is logged and told in general words.
Response error_response(const base::Error& error, const Request& request, const base::Clock& clock);

}  // namespace costagent
