// GET /prices.
#include "costagent/api/api.h"
#include "costagent/api/kept_answer.h"
#include "costagent/api/requests.h"
#include "costagent/domain/names.h"
#include "costagent/service/catalogue.h"

namespace costagent {
namespace {

base::Result<PricesRequest> read_request(std::string_view query, AskedPage& page) {
  auto parameters = Parameters::from_query(query);
  if (!parameters) return base::pass_on(parameters);
  PricesRequest request;
  request.customer = parameters->text("customer_id");
  request.days = asked_days(*parameters);
  request.only = asked_only(*parameters, kPriceDimensions);
  page = parameters->page();
  request.limit = page.limit;
  request.offset = page.offset;
  if (const auto good = parameters->finish(); !good) return base::pass_on(good);
  return request;
}

void write_price(JsonWriter& json, std::string_view name, const std::optional<base::Decimal>& price) {
  json.key(name);
  price ? json.value(*price) : json.null();
}

Response answer(const PricesRequest& request, const PricesReport& report, const AskedPage& page,
                const std::string& stamp) {
  JsonWriter json;
  json.begin_object().field("customer_id", request.customer);
  write_period(json, report.period);
  json.key("prices").begin_array();
  for (const Price& price : report.page.prices) {
    json.begin_object()
        .field("provider", price.provider)
        .field("service", price.service)
        .field("sku", price.sku)
        .field("usage_type", price.usage_type)
        .field("region", price.region)
        .field("pricing_category", price.pricing_category)
        .field("unit", price.unit)
        .field("currency", price.currency);
    write_price(json, "list_unit_price", price.list);
    write_price(json, "contracted_unit_price", price.contracted);
    json.field("first_seen", price.first_seen).field("last_seen", price.last_seen).end_object();
  }
  json.end_array();
  write_next_cursor(json, report.page.more, page, stamp);
  json.end_object();
  return json_response(json);
}

QuestionText question_of(const PricesRequest& request) {
  return QuestionText("prices").add(request.days.start).add(request.days.end).add(request.only);
}

}  // namespace

void add_price_routes(Router& router, const Services& services) {
  const auto handle = [&services](const Request& http) -> base::Result<Response> {
    AskedPage page;
    const auto request = read_request(http.query, page);
    if (!request) return base::pass_on(request);
    return kept_page(services, request->customer, question_of(*request), page,
                     [&](const std::string& stamp) -> base::Result<Response> {
                       const auto report = prices(services.facts, *request);
                       if (!report) return base::pass_on(report);
                       return answer(*request, *report, page, stamp);
                     });
  };
  router.add(Method::get, "/prices", handle);
}

}  // namespace costagent
