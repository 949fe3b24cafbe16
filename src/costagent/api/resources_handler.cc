// GET /resources.
#include <limits>

#include "costagent/api/api.h"
#include "costagent/api/kept_answer.h"
#include "costagent/api/requests.h"
#include "costagent/domain/names.h"
#include "costagent/service/catalogue.h"

namespace costagent {
namespace {

constexpr std::string_view kTag = "tag:";

base::Result<InventoryRequest> read_request(std::string_view query) {
  auto parameters = Parameters::from_query(query);
  if (!parameters) return base::pass_on(parameters);
  InventoryRequest request;
  request.customer = parameters->text("customer_id");
  request.days = asked_days(*parameters);
  request.only = asked_only(*parameters, kInventoryDimensions);
  for (const std::string& name : parameters->names_with(kTag))
    request.only_tagged[name.substr(kTag.size())] = parameters->text_or_empty(name);
  request.limit = parameters->limit();
  request.after = parameters->cursor(std::numeric_limits<std::int64_t>::max());
  if (const auto good = parameters->finish(); !good) return base::pass_on(good);
  return request;
}

Response answer(const InventoryRequest& request, const InventoryReport& report) {
  JsonWriter json;
  json.begin_object().field("customer_id", request.customer);
  write_period(json, report.period);
  json.key("resources").begin_array();
  for (const InventoryItem& item : report.page.items) {
    json.begin_object()
        .field("resource_id", item.resource_id)
        .field("name", item.resource_name)
        .field("type", item.resource_type)
        .field("provider", item.provider)
        .field("account", item.account)
        .field("service", item.service)
        .field("region", item.region)
        .key("tags")
        .begin_object();
    for (const auto& [name, value] : item.tags) json.field(name, value);
    json.end_object().field("first_billed", item.first_billed).field("last_billed", item.last_billed).end_object();
  }
  json.end_array().key("next_cursor");
  report.page.next ? json.value(std::to_string(*report.page.next)) : json.null();
  json.end_object();
  return json_response(json);
}

QuestionText question_of(const InventoryRequest& request) {
  return QuestionText("resources")
      .add(request.days.start)
      .add(request.days.end)
      .add(request.only)
      .add(request.only_tagged)
      .add(request.limit)
      .add(request.after);
}

}  // namespace

void add_resource_routes(Router& router, const Services& services) {
  const auto handle = [&services](const Request& http) -> base::Result<Response> {
    const auto request = read_request(http.query);
    if (!request) return base::pass_on(request);
    return kept_answer(services, request->customer, question_of(*request), [&]() -> base::Result<Response> {
      const auto report = inventory(services.facts, *request);
      if (!report) return base::pass_on(report);
      return answer(*request, *report);
    });
  };
  router.add(Method::get, "/resources", handle);
}

}  // namespace costagent
