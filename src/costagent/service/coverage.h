// How much of the usage that commitments could cover they cover, and how much of them is used.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/service/period.h"

namespace costagent {

struct CoverageRequest {
  std::string customer;
  AskedDays days{};
  std::vector<Dimension> by{};              // of kCoverageDimensions
  std::map<Dimension, std::string> only{};  // of them, too
  CoverageBucket bucket = CoverageBucket::whole;
  std::size_t limit = 50;
  std::size_t offset = 0;
};

struct CoverageReport {
  Period period;
  CoveragePage page;
};

// Blocks; thread-safe. By the hour the last kMaxDaysByHour days are meant where no start is given. Fails as
// `resolve_period` and the store do, and with `invalid` (start_date) for more days than that.
base::Result<CoverageReport> coverage(FactStore& facts, const CoverageRequest& request);

}  // namespace costagent
