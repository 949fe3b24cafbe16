// Records from JSON, each object's members by their names.
#pragma once

#include <memory>

#include "costagent/ingest/bill_input.h"
#include "costagent/ingest/record_source.h"

namespace costagent {

// Reads the first object. Fails (invalid, with the path) when there is none.
//
// A wanted name is found by its key, `outer.inner` within others. A wanted object or array is given as its JSON text, a
// number as the text it is. A record in which a wanted member stands twice is spoilt, as its money would be a guess.
base::Result<std::unique_ptr<RecordSource>> open_json(std::unique_ptr<BillInput> input);

}  // namespace costagent
