// GET /costs.
#include "costagent/api/api.h"
#include "costagent/api/requests.h"
#include "costagent/domain/names.h"
#include "costagent/service/costs.h"

namespace costagent {
namespace {

base::Result<CostsRequest> read_request(std::string_view query) {
  auto parameters = Parameters::from_query(query);
  if (!parameters) return base::pass_on(parameters);
  CostsRequest request;
  request.customer = parameters->text("customer_id");
  request.provider = parameters->text_or_empty("provider");
  request.days = asked_days(*parameters);
  request.by = parameters->choices<Dimension>("group_by", {{"provider", Dimension::provider},
                                                           {"account", Dimension::account},
                                                           {"service", Dimension::service},
                                                           {"region", Dimension::region},
                                                           {"resource", Dimension::resource},
                                                           {"category", Dimension::category}});
  request.bucket = parameters->choice_or<Bucket>(
      "granularity", Bucket::whole,
      {{"total", Bucket::whole}, {"daily", Bucket::day}, {"weekly", Bucket::week}, {"monthly", Bucket::month}});
  request.limit = parameters->limit();
  request.offset = parameters->offset();
  if (const auto good = parameters->finish(); !good) return base::pass_on(good);
  return request;
}

void write_costs(JsonWriter& json, const CostTotal& total) {
  json.field("currency", total.currency)
      .field("billed_cost", total.billed_cost)
      .field("effective_cost", total.effective_cost);
}

Response answer(const CostsRequest& request, const CostsReport& report) {
  JsonWriter json;
  json.begin_object().field("customer_id", request.customer);
  write_period(json, report.period);
  json.key("costs").begin_array();
  for (const CostTotal& total : report.page.totals) {
    json.begin_object();
    if (request.bucket != Bucket::whole) json.field("date", total.bucket);
    for (std::size_t i = 0; i < request.by.size(); ++i) json.field(name_of(request.by[i]), total.key[i]);
    write_costs(json, total);
    json.end_object();
  }
  // Of everything that matched, whatever the page.
  json.end_array().key("total").begin_array();
  for (const CostTotal& sum : report.page.sum) {
    json.begin_object();
    write_costs(json, sum);
    json.end_object();
  }
  json.end_array();
  write_next_cursor(json, report.page.more, request.offset + request.limit);
  json.end_object();
  return json_response(json);
}

}  // namespace

void add_cost_routes(Router& router, const Services& services) {
  const auto handle = [&services](const Request& http) -> base::Result<Response> {
    const auto request = read_request(http.query);
    if (!request) return base::pass_on(request);
    const auto report = costs(services.facts, *request);
    if (!report) return base::pass_on(report);
    return answer(*request, *report);
  };
  router.add(Method::get, "/costs", handle);
}

}  // namespace costagent
