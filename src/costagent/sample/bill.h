// A customer's bill: turns what its resources used into charges.
#pragma once

#include <functional>

#include "costagent/sample/focus_writer.h"
#include "costagent/sample/world.h"

namespace costagent {

// Calls `write` for each charge of the days [first_day, last_day], which lie in one month, in the order of days: usage,
// usage covered by commitments, their unused rest and their monthly fee, support, tax, credits and corrections.
void write_bill(const World& world, int first_day, int last_day, const std::function<void(const BillLine&)>& write);

}  // namespace costagent
