// Whether a bill has anything of a slice that somebody names.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/feedback.h"

namespace costagent {

// What no charge of these days has, as a person is told it: "service 'Nope'", or, where each value occurs by itself,
// "region 'a' and service 'b' at once". Nothing where some charge has all. One total for each value at the most, of
// rollups by the month. Fails as the store does.
base::Result<std::optional<std::string>> what_is_missing(FactStore& facts, const std::string& customer, Period days,
                                                         const BillSlice& slice);

}  // namespace costagent
