// What within a slice makes an anomaly: its resources and usage types.
#pragma once

#include <string>
#include <vector>

#include "costagent/service/analysis.h"
#include "costagent/service/analysis_levels.h"

namespace costagent {

// The largest contributions in the anomaly's direction, resources first; nothing of missing data. Reads at most nine
// days. Fails as the store does; where the bill is too large for that, there are none.
base::Result<std::vector<Contribution>> contributions_to(FactStore& facts, const SeriesScope& scope,
                                                         const Anomaly& anomaly);

// What the contributions are of, as text.
std::string explanation_key(const Anomaly& anomaly);

}  // namespace costagent
