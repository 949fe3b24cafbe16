#include "loadlab/probe/probe.h"

#include <cassert>

namespace loadlab {

void Reading::begin_part(std::string name) { parts_.push_back({std::move(name), {}}); }

void Reading::set(std::string_view metric, double value) {
  const MetricForm* form = find_metric(probe_, metric);
  assert(form != nullptr);
  parts_.back().values.push_back({std::string(metric), std::string(form->unit), form->kind, value});
}

void Reading::set_other(std::string name, MetricKind kind, double value, std::string unit) {
  parts_.back().values.push_back({std::move(name), std::move(unit), kind, value});
}

}  // namespace loadlab
