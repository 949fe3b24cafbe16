#include "costagent/api/answers.h"
#include "costagent/api/fields.h"
#include "costagent/api/handlers.h"
#include "costagent/domain/names.h"

namespace costagent {
namespace {

constexpr std::int64_t kPage = 50;
constexpr std::int64_t kLargestPage = 1000;
constexpr std::int64_t kMostRows = 1'000'000;  // how far a cursor may go

const std::vector<std::string_view> kGranularities = {"total", "daily", "weekly", "monthly"};

Bucket bucket_of(const std::string& granularity) {
  if (granularity == "daily") return Bucket::day;
  if (granularity == "weekly") return Bucket::week;
  return granularity == "monthly" ? Bucket::month : Bucket::whole;
}

boost::json::object total_json(const CostTotal& total) {
  return {{"currency", total.currency},
          {"billed_cost", total.billed_cost.to_string()},
          {"effective_cost", total.effective_cost.to_string()}};
}

base::Result<TotalsQuery> query_of(FactStore& facts, const Request& request) {
  Fields fields(request.query);
  TotalsQuery query;
  query.customer = fields.customer();
  for (const std::string& word : fields.words("group_by", 6)) {
    if (const auto dimension = parse_name<Dimension>(word)) {
      query.by.push_back(*dimension);
    } else {
      fields.complain("group_by",
                      fmt::format("'{}' is none of provider, account, service, region, resource, category", word));
    }
  }
  for (const Dimension dimension : {Dimension::provider, Dimension::account, Dimension::service, Dimension::region,
                                    Dimension::resource, Dimension::category}) {
    std::string value = fields.text(name_of(dimension), 1024);
    if (!value.empty()) query.only[dimension] = std::move(value);
  }
  query.bucket = bucket_of(fields.choice("granularity", kGranularities));
  query.limit = static_cast<std::size_t>(fields.integer("limit", 1, kLargestPage).value_or(kPage));
  query.offset = static_cast<std::size_t>(fields.integer("cursor", 0, kMostRows).value_or(0));
  const AskedDays days = fields.days();
  if (const auto good = fields.finish(); !good) return base::pass_on(good);
  const auto period = resolve_period(facts, query.customer, days);
  if (!period) return base::pass_on(period);
  query.period = *period;
  return query;
}

}  // namespace

void add_costs(Router& router, FactStore& facts, const base::Clock& clock) {
  router.add({"GET", "/costs", handler(clock, [&facts](const Request& request) -> base::Result<Response> {
                const auto query = query_of(facts, request);
                if (!query) return base::pass_on(query);
                const auto page = facts.totals(*query);
                if (!page) return base::pass_on(page);
                boost::json::array rows;
                for (const CostTotal& total : page->totals) {
                  boost::json::object row = total_json(total);
                  if (query->bucket != Bucket::whole) row["start_date"] = base::format_day(total.bucket);
                  for (std::size_t i = 0; i < query->by.size(); ++i) row[name_of(query->by[i])] = total.key[i];
                  rows.push_back(std::move(row));
                }
                boost::json::array sums;
                for (const CostTotal& total : page->sum) sums.push_back(total_json(total));
                boost::json::object answer{{"customer_id", query->customer},
                                           {"period", period_json(query->period)},
                                           {"costs", std::move(rows)},
                                           {"total", std::move(sums)}};
                if (page->more) answer["next_cursor"] = std::to_string(query->offset + page->totals.size());
                return json_response(answer);
              })});
}

}  // namespace costagent
