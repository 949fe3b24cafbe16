// Which slices of a bill hold which. Pure and thread-safe.
#pragma once

#include "costagent/domain/anomaly.h"

namespace costagent {

// Whether all that tells the one anomaly's slice tells the other's as well: then the one holds the other, or is the
// same.
bool holds(const Anomaly& whole, const Anomaly& part);

}  // namespace costagent
