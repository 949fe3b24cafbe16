// What became of files, as programs read it: the command line's --json and jobs' results.
#pragma once

#include <boost/json/object.hpp>

#include "costagent/service/ingest.h"

namespace costagent {

// `charges`, `duplicates`, `rejected`, `replaced`, `totals` (one for each currency), `utilisation` and `commitments`
// (`taken`, `duplicates` and `rejected` of each) and `notes`. `billed_cost` and
// `effective_cost` are those of the only currency, 0 where nothing was taken in, and null where there are several:
// amounts of different currencies have no sum.
boost::json::object json_of(const IngestReport& report);

}  // namespace costagent
