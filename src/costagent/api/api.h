// The calls of the agent's HTTP interface: docs/api.md describes them.
#pragma once

#include "base/clock.h"
#include "costagent/api/metrics.h"
#include "costagent/api/router.h"
#include "costagent/api/worker_board.h"
#include "costagent/domain/answer_cache.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/feedback_store.h"
#include "costagent/domain/job_queue.h"
#include "costagent/domain/job_use.h"
#include "costagent/domain/lease.h"
#include "costagent/domain/state_store.h"
#include "costagent/service/analysis_models.h"
#include "costagent/service/collection.h"
#include "costagent/service/schedule.h"
#include "costagent/service/watched_folder.h"

namespace costagent {

// What the handlers call. All of it must outlive the routes and be thread-safe.
struct Services {
  FactStore& facts;
  StateStore& state;
  FeedbackStore& feedback;
  JobQueue& jobs;
  Collection& collection;
  AnalysisModels& models;
  AnswerCache& answers;
  const base::Clock& clock;
  LeaseStore* leases = nullptr;          // with what became of the scheduled tasks; none: there are no such tasks
  const WorkerBoard* workers = nullptr;  // none: this process is the only one
  WatchedFolder* watched = nullptr;      // none: no folder is watched
};

// Every route but that of the metrics, which belongs to whoever counts.
Router make_router(const Services& services);

// GET /metrics.
void add_metrics_route(Router& router, const Metrics& metrics);

// What this process did of the scheduled tasks, for `Metrics::watch`.
void add_schedule_metrics(const Schedule& schedule, std::vector<prometheus::MetricFamily>& families);

// What this process did of the watched folder.
void add_watch_metrics(const WatchUse& use, std::vector<prometheus::MetricFamily>& families);

// Adds what is told of the job queue.
void add_job_metrics(const JobUse& use, std::vector<prometheus::MetricFamily>& families);

// One for each handler file.
void add_health_routes(Router& router, const Services& services);
void add_collect_routes(Router& router, const Services& services);
void add_job_routes(Router& router, const Services& services);
void add_cost_routes(Router& router, const Services& services);
void add_commitment_routes(Router& router, const Services& services);
void add_price_routes(Router& router, const Services& services);
void add_resource_routes(Router& router, const Services& services);
void add_analysis_routes(Router& router, const Services& services);
void add_feedback_routes(Router& router, const Services& services);
void add_recommendation_routes(Router& router, const Services& services);

}  // namespace costagent
