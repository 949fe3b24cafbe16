#include "costagent/api/api.h"

namespace costagent {

Router make_router(const Services& services) {
  Router router;
  add_health_routes(router, services);
  add_collect_routes(router, services);
  add_job_routes(router, services);
  add_cost_routes(router, services);
  add_commitment_routes(router, services);
  add_price_routes(router, services);
  add_resource_routes(router, services);
  add_analysis_routes(router, services);
  add_feedback_routes(router, services);
  add_recommendation_routes(router, services);
  return router;
}

}  // namespace costagent
