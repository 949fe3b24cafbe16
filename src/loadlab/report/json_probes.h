// What probes saw, for the summary.
#pragma once

#include <boost/json/array.hpp>

#include <vector>

#include "loadlab/result/probe_series.h"

namespace loadlab {

boost::json::array probes_json(const std::vector<ProbeSeries>& probes);
boost::json::array probe_tables_json(const std::vector<ProbeTable>& tables);

}  // namespace loadlab
