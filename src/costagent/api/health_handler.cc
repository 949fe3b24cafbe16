#include "costagent/api/answers.h"
#include "costagent/api/handlers.h"
#include "costagent/domain/version.h"

namespace costagent {
namespace {

Response detailed(FactStore& facts, const base::Clock& clock) {
  const base::Nanoseconds began = clock.monotonic();
  // Any question goes to the database; the answer for a customer that nobody has is quick.
  const auto answered = facts.extent("-");
  const double took_ms = std::chrono::duration<double, std::milli>(clock.monotonic() - began).count();
  boost::json::object database{{"status", answered ? "ok" : "unavailable"}, {"latency_ms", took_ms}};
  if (!answered) database["message"] = answered.error().message;
  return json_response(
      {{"status", answered ? "ok" : "unavailable"}, {"version", kVersion}, {"parts", {{"database", database}}}},
      answered ? 200 : 503);
}

}  // namespace

void add_health(Router& router, FactStore& facts, Metrics& metrics, const base::Clock& clock) {
  const std::string healthy = boost::json::serialize(boost::json::object{{"status", "ok"}, {"version", kVersion}});
  const Handler alive = [healthy](const Request&) {
    Response response;
    response.body = healthy;
    return response;
  };
  router.add({"GET", "/health", alive, true});
  router.add({"GET", "/live", alive, true});
  const Handler ask_all = [&facts, &clock](const Request&) { return detailed(facts, clock); };
  router.add({"GET", "/ready", ask_all});
  router.add({"GET", "/health/detailed", ask_all});
  router.add({"GET", "/metrics",
              [&metrics](const Request&) {
                Response response;
                response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                response.body = metrics.text();
                return response;
              },
              true});
}

}  // namespace costagent
