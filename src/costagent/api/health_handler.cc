// GET /health, /live and /metrics, answered at once whatever the load; GET /ready and /health/detailed, which ask the
// database.
#include "costagent/api/api.h"
#include "costagent/api/json_writer.h"
#include "costagent/domain/version.h"

namespace costagent {

namespace {

// Any question goes to the database; the answer for a customer that nobody can have is quick.
constexpr const char* kNobody = "-";

Response detailed(const Services& services) {
  const auto began = services.clock.monotonic();
  const auto answered = services.facts.extent(kNobody);
  const std::chrono::duration<double, std::milli> took = services.clock.monotonic() - began;
  const char* status = answered ? "ok" : "unavailable";
  JsonWriter json;
  json.begin_object().field("status", status).field("version", kVersion).key("parts").begin_object();
  json.key("database").begin_object().field("status", status).field("latency_ms", took.count());
  json.end_object().end_object().end_object();
  Response response;
  response.status = answered ? 200 : 503;
  response.body = json.take();
  return response;
}

}  // namespace

void add_health_routes(Router& router, const Services& services) {
  JsonWriter json;
  json.begin_object().field("status", "ok").field("version", kVersion).end_object();
  const auto alive = [body = json.take()](const Request&) -> base::Result<Response> {
    Response response;
    response.body = body;
    return response;
  };
  const auto ask_all = [&services](const Request&) -> base::Result<Response> { return detailed(services); };
  router.add(Method::get, "/health", alive, Turn::at_once);
  router.add(Method::get, "/live", alive, Turn::at_once);
  router.add(Method::get, "/ready", ask_all);
  router.add(Method::get, "/health/detailed", ask_all);
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
