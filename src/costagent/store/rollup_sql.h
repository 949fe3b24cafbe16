// The statements on the six rollup tables, which differ in their names and keys only.
#pragma once

#include <string>

#include "costagent/store/rollup.h"

namespace costagent {

// "daily_service" …
const char* table_of(Rollup rollup);

// The columns of its key: "provider, service, category, currency".
const char* key_names(Level level);

// customer, time, the key, part, flush, billed, effective, list, contracted, and the quantity where the level has it.
const std::string& add_rollup_sql(Rollup rollup);

// Rows of a customer (?1) from a time (?2) to another (?3), which is not included, in the order of time: time, the key,
// part, billed, effective, list, contracted, and the quantity where the level has it. What values the key must have is
// for the reader to compare: the index knows time only, and one text for all questions is prepared once.
const std::string& read_rollup_sql(Rollup rollup);

// Removes a customer's (?1) rows of a time (?2) and a part (?3).
const std::string& clear_rollup_sql(Rollup rollup);

}  // namespace costagent
