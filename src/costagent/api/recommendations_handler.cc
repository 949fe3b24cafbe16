// POST /recommendations, GET /recommendations/{id}, POST /recommendations/{id}/{approve,reject}.
#include "costagent/api/api.h"
#include "costagent/api/kept_answer.h"
#include "costagent/api/requests.h"
#include "costagent/domain/names.h"
#include "costagent/service/savings.h"

namespace costagent {
namespace {

base::Result<SavingsRequest> read_request(std::string_view text) {
  auto body = Parameters::from_body(text);
  if (!body) return base::pass_on(body);
  SavingsRequest request;
  request.customer = body->text("customer_id");
  request.provider = body->text_or_empty("provider");
  request.types = body->choices<RecommendationType>(
      "types", {{"idle_resource", RecommendationType::idle_resource}, {"rightsize", RecommendationType::rightsize}});
  request.min_savings = body->amount_or_zero("min_savings");
  request.risk_tolerance = body->choice_or<Risk>("risk_tolerance", Risk::high,
                                                 {{"low", Risk::low}, {"medium", Risk::medium}, {"high", Risk::high}});
  request.limit = body->limit();
  request.offset = body->offset();
  if (const auto good = body->finish(); !good) return base::pass_on(good);
  return request;
}

void write(JsonWriter& json, const Recommendation& recommendation) {
  json.begin_object()
      .field("recommendation_id", recommendation.id)
      .field("customer_id", recommendation.customer)
      .field("type", name_of(recommendation.type))
      .field("status", name_of(recommendation.status))
      .field("risk", name_of(recommendation.risk))
      .field("confidence", recommendation.confidence)
      .field("provider", recommendation.provider)
      .field("account", recommendation.account)
      .field("service", recommendation.service)
      .field("region", recommendation.region)
      .field("resource_id", recommendation.resource_id)
      .field("title", recommendation.title)
      .key("evidence")
      .begin_array();
  for (const std::string& sentence : recommendation.evidence) json.value(sentence);
  json.end_array()
      .field("currency", recommendation.currency)
      .field("monthly_cost", recommendation.monthly_cost)
      .field("monthly_savings", recommendation.monthly_savings)
      .field("created", recommendation.created)
      .end_object();
}

base::Result<Response> answer(const base::Result<Recommendation>& found) {
  if (!found) return base::pass_on(found);
  JsonWriter json;
  write(json, *found);
  return json_response(json);
}

Response answer(const SavingsRequest& request, const SavingsPage& page) {
  JsonWriter json;
  json.begin_object().field("customer_id", request.customer).key("recommendations").begin_array();
  for (const Recommendation& recommendation : page.recommendations) write(json, recommendation);
  json.end_array().field("found", page.found);
  write_next_cursor(json, page.more, request.offset + request.limit);
  json.end_object();
  return json_response(json);
}

// `decisions` is the number of what was decided so far: it is listed too.
QuestionText question_of(const SavingsRequest& request, std::int64_t decisions) {
  return QuestionText("recommendations")
      .add(decisions)
      .add(request.provider)
      .add(request.types)
      .add(request.min_savings.to_string())
      .add(request.risk_tolerance)
      .add(request.limit)
      .add(request.offset);
}

}  // namespace

void add_recommendation_routes(Router& router, const Services& services) {
  const auto list = [&services](const Request& http) -> base::Result<Response> {
    const auto request = read_request(http.body);
    if (!request) return base::pass_on(request);
    // Read before what was decided is, as the facts' version is.
    const auto decisions = services.state.decisions_version(request->customer);
    if (!decisions) return base::pass_on(decisions);
    return kept_answer(services, request->customer, question_of(*request, *decisions), [&]() -> base::Result<Response> {
      const auto page = find_savings(services.facts, services.state, services.clock, *request);
      if (!page) return base::pass_on(page);
      return answer(*request, *page);
    });
  };
  const auto one = [&services](const Request& http) {
    return answer(find_recommendation(services.state, std::string(http.parameters[0])));
  };
  const auto deciding = [&services](RecommendationStatus decision) {
    return [&services, decision](const Request& http) {
      return answer(decide(services.state, std::string(http.parameters[0]), decision));
    };
  };
  router.add(Method::post, "/recommendations", list, Turn::heavy);
  router.add(Method::get, "/recommendations/{id}", one);
  router.add(Method::post, "/recommendations/{id}/approve", deciding(RecommendationStatus::approved));
  router.add(Method::post, "/recommendations/{id}/reject", deciding(RecommendationStatus::rejected));
}

}  // namespace costagent
