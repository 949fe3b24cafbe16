// Why a bill changed, as `POST /analyze` tells it.
#pragma once

#include <optional>

#include "costagent/api/json_writer.h"
#include "costagent/service/growth_report.h"

namespace costagent {

// The field `growth`: null where the bills don't reach back far enough.
void write_growth(JsonWriter& json, const std::optional<GrowthReport>& growth);

}  // namespace costagent
