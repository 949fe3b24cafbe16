// What probes saw, as tables of the report for people. The plots over time are the page's script's.
#pragma once

#include <string>
#include <vector>

#include "loadlab/result/probe_series.h"

namespace loadlab {

// Empty where nothing was watched.
std::string probes_html(const std::vector<ProbeSeries>& probes, const std::vector<ProbeTable>& tables);

}  // namespace loadlab
