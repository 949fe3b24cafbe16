// What handlers share: from a Result to a Response, and the forms that several answers use.
#pragma once

#include <boost/json.hpp>

#include <string>

#include "costagent/api/errors.h"
#include "costagent/api/http.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

inline Response json_response(const boost::json::value& value, int status = 200) {
  Response response;
  response.status = status;
  response.body = boost::json::serialize(value);
  return response;
}

// The handler that calls `call`, which returns a Result<Response>, and tells a failure as the API tells errors.
template <class Call>
Handler handler(const base::Clock& clock, Call call) {
  return [&clock, call = std::move(call)](const Request& request) {
    base::Result<Response> response = call(request);
    return response ? std::move(*response) : error_response(response.error(), request, clock);
  };
}

// Both days inclusive, as requests name them.
inline boost::json::object period_json(const Period& period) {
  return {{"start_date", base::format_day(period.from)},
          {"end_date", base::format_day(period.to - std::chrono::days(1))}};
}

}  // namespace costagent
