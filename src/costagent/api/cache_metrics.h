// How the cache of answers does, as Prometheus reads it.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "costagent/domain/answer_cache.h"

namespace costagent {

// Of several workers these add up, gauges too.
void add_cache_metrics(const CacheUse& use, std::vector<prometheus::MetricFamily>& families);

}  // namespace costagent
