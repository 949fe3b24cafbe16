#include "loadlab/result/probe_series.h"

#include <algorithm>

namespace loadlab {

const MetricSeries* ProbeSeries::find(std::string_view metric) const {
  const auto found =
      std::find_if(metrics.begin(), metrics.end(), [&](const MetricSeries& one) { return one.name == metric; });
  return found == metrics.end() ? nullptr : &*found;
}

std::vector<const ProbeSeries*> wholes_of(const std::vector<ProbeSeries>& all, std::string_view probe) {
  std::vector<const ProbeSeries*> found;
  for (const ProbeSeries& series : all) {
    if (series.probe == probe && series.is_whole()) found.push_back(&series);
  }
  return found;
}

std::vector<const ProbeSeries*> parts_of(const std::vector<ProbeSeries>& all, const ProbeSeries& whole) {
  std::vector<const ProbeSeries*> found;
  for (const ProbeSeries& series : all) {
    if (series.probe == whole.probe && series.label == whole.label && !series.is_whole()) found.push_back(&series);
  }
  return found;
}

}  // namespace loadlab
