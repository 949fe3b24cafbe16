// How what is kept in memory does, as Prometheus reads it: answers, and what analyses work out.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "costagent/domain/answer_cache.h"
#include "costagent/service/analysis_models.h"

namespace costagent {

// Of several workers these add up, gauges too.
void add_cache_metrics(const CacheUse& use, std::vector<prometheus::MetricFamily>& families);
void add_model_metrics(const ModelUse& use, std::vector<prometheus::MetricFamily>& families);

}  // namespace costagent
