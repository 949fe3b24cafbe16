// GET /health, GET /metrics: answered at once, whatever the load.
#include "costagent/api/api.h"
#include "costagent/api/json_writer.h"
#include "costagent/domain/version.h"

namespace costagent {

void add_health_routes(Router& router) {
  JsonWriter json;
  json.begin_object().field("status", "healthy").field("version", kVersion).end_object();
  const auto health = [body = json.take()](const Request&) -> base::Result<Response> {
    Response response;
    response.body = body;
    return response;
  };
  router.add(Method::get, "/health", health, Turn::at_once);
}

void add_metrics_route(Router& router, const Metrics& metrics) {
  const auto text = [&metrics](const Request&) -> base::Result<Response> {
    Response response;
    response.body = metrics.text();
    response.content_type = Metrics::kContentType;
    return response;
  };
  router.add(Method::get, "/metrics", text, Turn::at_once);
}

}  // namespace costagent
