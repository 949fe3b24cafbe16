// The API's resources. Each `add_…` puts its routes on the router; what it is given must outlive the router.
#pragma once

#include "base/clock.h"
#include "costagent/api/metrics.h"
#include "costagent/api/router.h"
#include "costagent/cache/memory_cache.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/state_store.h"
#include "costagent/service/collect.h"

namespace costagent {

void add_health(Router& router, FactStore& facts, Metrics& metrics, const base::Clock& clock);
void add_collect(Router& router, CollectService& collect, const base::Clock& clock);
void add_costs(Router& router, FactStore& facts, const base::Clock& clock);
// Analyses are kept in `answers` for as long as the facts they rest on are the same.
void add_analyze(Router& router, FactStore& facts, MemoryCache& answers, const base::Clock& clock);
void add_recommendations(Router& router, FactStore& facts, StateStore& state, const base::Clock& clock);

}  // namespace costagent
