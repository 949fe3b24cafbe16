// GET /costs.
#include <algorithm>

#include "costagent/api/api.h"
#include "costagent/api/kept_answer.h"
#include "costagent/api/requests.h"
#include "costagent/domain/names.h"
#include "costagent/service/costs.h"

namespace costagent {
namespace {

constexpr std::string_view kTag = "tag:";

constexpr Dimension kDimensions[] = {Dimension::provider,         Dimension::billing_account, Dimension::account,
                                     Dimension::service,          Dimension::region,          Dimension::resource,
                                     Dimension::category,         Dimension::usage_type,      Dimension::sku,
                                     Dimension::pricing_category, Dimension::commitment};

// `service,tag:team`: names of dimensions, and of tags behind `tag:`.
void read_group_by(Parameters& parameters, CostsRequest& request) {
  for (const std::string& name : parameters.texts("group_by")) {
    if (name.starts_with(kTag) && name.size() > kTag.size()) {
      request.by_tags.push_back(name.substr(kTag.size()));
    } else if (const auto dimension = parse_name<Dimension>(name)) {
      if (std::find(request.by.begin(), request.by.end(), *dimension) == request.by.end())
        request.by.push_back(*dimension);
    } else {
      std::string expected;
      for (const Dimension known : kDimensions) expected += fmt::format("{}, ", name_of(known));
      parameters.refuse("group_by", fmt::format("'{}' is none of: {}tag:NAME", name, expected));
    }
  }
}

// `service=…`, `tag:team=…`: keep what has this value.
void read_filters(Parameters& parameters, CostsRequest& request) {
  request.only = asked_only(parameters, kDimensions);
  for (const std::string& name : parameters.names_with(kTag)) {
    request.only_tagged[name.substr(kTag.size())] = parameters.text_or_empty(name);
  }
}

// `2025-01` as people say it, or the first day: some providers' periods don't begin with a month.
std::optional<base::Day> read_billing_period(Parameters& parameters) {
  const std::string text = parameters.text_or_empty("billing_period");
  if (text.empty()) return std::nullopt;
  if (const auto month = base::parse_day(text + "-01"); month && text.size() == 7) return *month;
  return parameters.day("billing_period");
}

base::Result<CostsRequest> read_request(std::string_view query, AskedPage& page) {
  auto parameters = Parameters::from_query(query);
  if (!parameters) return base::pass_on(parameters);
  CostsRequest request;
  request.customer = parameters->text("customer_id");
  request.days = asked_days(*parameters);
  read_group_by(*parameters, request);
  read_filters(*parameters, request);
  request.billing_period = read_billing_period(*parameters);
  request.bucket = parameters->choice_or<Bucket>("granularity", Bucket::whole,
                                                 {{"total", Bucket::whole},
                                                  {"daily", Bucket::day},
                                                  {"weekly", Bucket::week},
                                                  {"monthly", Bucket::month},
                                                  {"quarterly", Bucket::quarter},
                                                  {"yearly", Bucket::year}});
  page = parameters->page();
  request.limit = page.limit;
  request.offset = page.offset;
  if (const auto good = parameters->finish(); !good) return base::pass_on(good);
  return request;
}

void write_costs(JsonWriter& json, const CostTotal& total) {
  json.field("currency", total.currency)
      .field("billed_cost", total.costs.billed)
      .field("effective_cost", total.costs.effective)
      .field("list_cost", total.costs.list)
      .field("contracted_cost", total.costs.contracted);
}

void write_tags(JsonWriter& json, const CostsRequest& request, const CostTotal& total) {
  if (request.by_tags.empty()) return;
  json.key("tags").begin_object();
  for (std::size_t i = 0; i < request.by_tags.size(); ++i)
    json.field(request.by_tags[i], total.key[request.by.size() + i]);
  json.end_object();
}

Response answer(const CostsRequest& request, const CostsReport& report, const AskedPage& page,
                const std::string& stamp) {
  JsonWriter json;
  json.begin_object().field("customer_id", request.customer);
  write_period(json, report.period);
  json.key("costs").begin_array();
  for (const CostTotal& total : report.page.totals) {
    json.begin_object();
    if (request.bucket != Bucket::whole) json.field("date", total.bucket);
    for (std::size_t i = 0; i < request.by.size(); ++i) json.field(name_of(request.by[i]), total.key[i]);
    write_tags(json, request, total);
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
  write_next_cursor(json, report.page.more, page, stamp);
  json.end_object();
  return json_response(json);
}

QuestionText question_of(const CostsRequest& request) {
  return QuestionText("costs")
      .add(request.days.start)
      .add(request.days.end)
      .add(request.by)
      .add(request.by_tags)
      .add(request.only)
      .add(request.only_tagged)
      .add(request.billing_period)
      .add(request.bucket);
}

}  // namespace

void add_cost_routes(Router& router, const Services& services) {
  const auto handle = [&services](const Request& http) -> base::Result<Response> {
    AskedPage page;
    const auto request = read_request(http.query, page);
    if (!request) return base::pass_on(request);
    return kept_page(services, request->customer, question_of(*request), page,
                     [&](const std::string& stamp) -> base::Result<Response> {
                       const auto report = costs(services.facts, *request);
                       if (!report) return base::pass_on(report);
                       return answer(*request, *report, page, stamp);
                     });
  };
  router.add(Method::get, "/costs", handle);
}

}  // namespace costagent
