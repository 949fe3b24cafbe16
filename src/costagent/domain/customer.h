// What may be a customer's id.
#pragma once

#include <string_view>

#include "base/result.h"

namespace costagent {

// 1 to 128 letters, digits, `.`, `_` or `-`: fit for a path, a URL and a log line as it is. Fails (invalid, field
// `customer_id`).
base::Result<> check_customer(std::string_view id);

}  // namespace costagent
