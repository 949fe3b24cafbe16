#include "costagent/api/answers.h"
#include "costagent/api/fields.h"
#include "costagent/api/handlers.h"
#include "costagent/domain/names.h"
#include "costagent/service/savings.h"

namespace costagent {
namespace {

constexpr std::int64_t kPage = 50;
constexpr std::int64_t kLargestPage = 200;
constexpr std::int64_t kMostRows = 1'000'000;  // how far a cursor may go
constexpr double kMostSavings = 1e12;

base::Result<SavingsRequest> request_of(const Request& http) {
  const auto body = parse_object(http.body);
  if (!body) return base::pass_on(body);
  Fields fields(*body);
  SavingsRequest request;
  request.customer = fields.customer();
  request.provider = fields.text("provider", 256);
  for (const std::string& word : fields.words("types", 10)) {
    if (const auto type = parse_name<RecommendationType>(word)) {
      request.types.push_back(*type);
    } else {
      fields.complain("types", fmt::format("'{}' is none of idle_resource, rightsize", word));
    }
  }
  request.min_savings = base::Decimal::from_double(fields.number("min_savings", 0, kMostSavings).value_or(0), 2);
  request.risk_tolerance =
      parse_name<Risk>(fields.choice("risk_tolerance", {"high", "medium", "low"})).value_or(Risk::high);
  request.limit = static_cast<std::size_t>(fields.integer("limit", 1, kLargestPage).value_or(kPage));
  const std::string cursor = fields.text("cursor", 20);
  if (!cursor.empty()) {
    const auto offset = base::Decimal::parse(cursor);
    const bool good = offset && !offset->is_negative() && offset->to_double() <= static_cast<double>(kMostRows) &&
                      cursor.find_first_not_of("0123456789") == std::string::npos;
    if (good) request.offset = static_cast<std::size_t>(offset->to_double());
    if (!good) fields.complain("cursor", "expected the next_cursor of an earlier answer");
  }
  if (const auto good = fields.finish(); !good) return base::pass_on(good);
  return request;
}

boost::json::object recommendation_json(const Recommendation& recommendation) {
  boost::json::array evidence(recommendation.evidence.begin(), recommendation.evidence.end());
  return {{"recommendation_id", recommendation.id},
          {"customer_id", recommendation.customer},
          {"type", name_of(recommendation.type)},
          {"status", name_of(recommendation.status)},
          {"risk", name_of(recommendation.risk)},
          {"confidence", recommendation.confidence},
          {"provider", recommendation.provider},
          {"account", recommendation.account},
          {"service", recommendation.service},
          {"region", recommendation.region},
          {"resource_id", recommendation.resource_id},
          {"title", recommendation.title},
          {"evidence", std::move(evidence)},
          {"currency", recommendation.currency},
          {"monthly_cost", recommendation.monthly_cost.to_string()},
          {"monthly_savings", recommendation.monthly_savings.to_string()},
          {"created", base::format_time(recommendation.created)}};
}

Response page_response(const SavingsRequest& request, const SavingsPage& page) {
  boost::json::array list;
  for (const Recommendation& recommendation : page.recommendations) list.push_back(recommendation_json(recommendation));
  boost::json::object answer{
      {"customer_id", request.customer}, {"recommendations", std::move(list)}, {"found", page.found}};
  if (page.more) answer["next_cursor"] = std::to_string(request.offset + page.recommendations.size());
  return json_response(answer);
}

base::Result<Response> one_response(const base::Result<Recommendation>& found) {
  if (!found) return base::pass_on(found);
  return json_response(recommendation_json(*found));
}

}  // namespace

void add_recommendations(Router& router, FactStore& facts, StateStore& state, const base::Clock& clock) {
  router.add({"POST", "/recommendations",
              handler(clock, [&facts, &state, &clock](const Request& http) -> base::Result<Response> {
                const auto request = request_of(http);
                if (!request) return base::pass_on(request);
                const auto page = find_savings(facts, state, clock, *request);
                if (!page) return base::pass_on(page);
                return page_response(*request, *page);
              })});
  router.add({"GET", "/recommendations/{id}", handler(clock, [&state](const Request& http) {
                return one_response(find_recommendation(state, http.parameters.at("id")));
              })});
  const auto deciding = [&](RecommendationStatus decision) {
    return handler(clock, [&state, decision](const Request& http) {
      return one_response(decide(state, http.parameters.at("id"), decision));
    });
  };
  router.add({"POST", "/recommendations/{id}/approve", deciding(RecommendationStatus::approved)});
  router.add({"POST", "/recommendations/{id}/reject", deciding(RecommendationStatus::rejected)});
}

}  // namespace costagent
