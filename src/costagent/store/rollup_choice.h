// Which rollups answer a question with the fewest rows.
#pragma once

#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/store/rollup.h"

namespace costagent {

// Days [from, to) by their numbers, and where their sums are read. Months are read whole.
struct Segment {
  Rollup rollup;
  std::int64_t from = 0;
  std::int64_t to = 0;
};

// `columns` are those that the answer is cut by, or that must have a value; `by_day`: the answer needs days apart.
// Segments come in the order of time and cover the period.
std::vector<Segment> choose_rollups(const std::vector<SliceColumn>& columns, Period period, bool by_day);

}  // namespace costagent
