// GET /costs/commitments.
#include <algorithm>

#include "costagent/api/api.h"
#include "costagent/api/kept_answer.h"
#include "costagent/api/requests.h"
#include "costagent/domain/names.h"
#include "costagent/service/coverage.h"

namespace costagent {
namespace {

void read_group_by(Parameters& parameters, CoverageRequest& request) {
  const auto names = parameters.texts("group_by");
  if (names.empty()) request.by = {Dimension::commitment};
  for (const std::string& name : names) {
    const auto known = std::find_if(std::begin(kCoverageDimensions), std::end(kCoverageDimensions),
                                    [&](Dimension dimension) { return name_of(dimension) == name; });
    if (known == std::end(kCoverageDimensions)) {
      std::string expected;
      for (const Dimension dimension : kCoverageDimensions)
        expected += fmt::format("{}{}", expected.empty() ? "" : ", ", name_of(dimension));
      parameters.refuse("group_by", fmt::format("'{}' is none of: {}", name, expected));
    } else if (std::find(request.by.begin(), request.by.end(), *known) == request.by.end()) {
      request.by.push_back(*known);
    }
  }
}

base::Result<CoverageRequest> read_request(std::string_view query, AskedPage& page) {
  auto parameters = Parameters::from_query(query);
  if (!parameters) return base::pass_on(parameters);
  CoverageRequest request;
  request.customer = parameters->text("customer_id");
  request.days = asked_days(*parameters);
  read_group_by(*parameters, request);
  request.only = asked_only(*parameters, kCoverageDimensions);
  request.bucket = parameters->choice_or<CoverageBucket>("granularity", CoverageBucket::whole,
                                                         {{"total", CoverageBucket::whole},
                                                          {"hourly", CoverageBucket::hour},
                                                          {"daily", CoverageBucket::day},
                                                          {"monthly", CoverageBucket::month}});
  page = parameters->page();
  request.limit = page.limit;
  request.offset = page.offset;
  if (const auto good = parameters->finish(); !good) return base::pass_on(good);
  return request;
}

void write(JsonWriter& json, std::string_view name, const Costs& costs) {
  json.key(name)
      .begin_object()
      .field("billed_cost", costs.billed)
      .field("effective_cost", costs.effective)
      .field("list_cost", costs.list)
      .field("contracted_cost", costs.contracted)
      .end_object();
}

void write_percent(JsonWriter& json, std::string_view name, std::optional<double> percent) {
  json.key(name);
  percent ? json.value(*percent) : json.null();
}

void write(JsonWriter& json, const CoverageTotal& total) {
  const Coverage& coverage = total.coverage;
  json.field("currency", total.currency);
  write_percent(json, "utilisation_percent", coverage.utilisation_percent());
  write_percent(json, "coverage_percent", coverage.coverage_percent());
  write(json, "used", coverage.used);
  write(json, "unused", coverage.unused);
  write(json, "on_demand", coverage.on_demand);
  write(json, "dynamic", coverage.dynamic);
  json.key("quantities").begin_array();
  for (const auto& [unit, quantity] : coverage.quantities) {
    json.begin_object()
        .field("unit", unit)
        .field("used", quantity.used)
        .field("unused", quantity.unused)
        .field("on_demand", quantity.on_demand)
        .field("dynamic", quantity.dynamic)
        .end_object();
  }
  json.end_array();
}

Response answer(const CoverageRequest& request, const CoverageReport& report, const AskedPage& page,
                const std::string& stamp) {
  JsonWriter json;
  json.begin_object().field("customer_id", request.customer);
  write_period(json, report.period);
  json.key("commitments").begin_array();
  for (const CoverageTotal& total : report.page.totals) {
    json.begin_object();
    if (request.bucket == CoverageBucket::hour) json.field("hour", total.bucket);
    if (request.bucket == CoverageBucket::day || request.bucket == CoverageBucket::month)
      json.field("date", std::chrono::floor<std::chrono::days>(total.bucket));
    for (std::size_t i = 0; i < request.by.size(); ++i) json.field(name_of(request.by[i]), total.key[i]);
    write(json, total);
    json.end_object();
  }
  // Of everything that matched, whatever the page.
  json.end_array().key("total").begin_array();
  for (const CoverageTotal& sum : report.page.sum) {
    json.begin_object();
    write(json, sum);
    json.end_object();
  }
  json.end_array();
  write_next_cursor(json, report.page.more, page, stamp);
  json.end_object();
  return json_response(json);
}

QuestionText question_of(const CoverageRequest& request) {
  return QuestionText("commitments")
      .add(request.days.start)
      .add(request.days.end)
      .add(request.by)
      .add(request.only)
      .add(request.bucket);
}

}  // namespace

void add_commitment_routes(Router& router, const Services& services) {
  const auto handle = [&services](const Request& http) -> base::Result<Response> {
    AskedPage page;
    const auto request = read_request(http.query, page);
    if (!request) return base::pass_on(request);
    return kept_page(services, request->customer, question_of(*request), page,
                     [&](const std::string& stamp) -> base::Result<Response> {
                       const auto report = coverage(services.facts, *request);
                       if (!report) return base::pass_on(report);
                       return answer(*request, *report, page, stamp);
                     });
  };
  router.add(Method::get, "/costs/commitments", handle, Turn::heavy);
}

}  // namespace costagent
