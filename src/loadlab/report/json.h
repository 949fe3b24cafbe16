// The summary for programs: schema `loadlab.summary/1`, described by docs/summary.schema.json.
#pragma once

#include <string>

#include "loadlab/result/result.h"

namespace loadlab {

// One JSON object and a line end. Names are fixed, as tools rely on them; what was not observed is null, never zero.
std::string json_summary(const RunResult& run);

}  // namespace loadlab
