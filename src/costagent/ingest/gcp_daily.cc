// The CSV files that Google Cloud wrote a day until BigQuery took their place.
#include "costagent/ingest/gcp.h"
#include "costagent/ingest/tags.h"

namespace costagent {
namespace {

enum Column : std::size_t {
  kAccount,
  kLineItem,
  kStart,
  kEnd,
  kProject,
  kProjectId,
  kProjectName,
  kLabels,
  kAmount,
  kUnit,
  kCost,
  kCurrency,
  kDescription,
};

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"Account ID"}},         {{"Line Item"}, true}, {{"Start Time"}, true},
      {{"End Time"}},           {{"Project"}},         {{"Project ID"}},
      {{"Project Name"}},       {{"Project Labels"}},  {{"Measurement1 Total Consumption"}},
      {{"Measurement1 Units"}}, {{"Cost"}, true},      {{"Currency"}, true},
      {{"Description"}},
  };
  return table;
}

bool is_credit(std::string_view name) {
  const std::string key = column_key(name);
  constexpr std::string_view kBegin = "credit";
  constexpr std::string_view kEnd = "amount";
  if (!key.starts_with(kBegin) || !key.ends_with(kEnd) || key.size() <= kBegin.size() + kEnd.size()) return false;
  const std::string_view number = std::string_view(key).substr(kBegin.size(), key.size() - kBegin.size() - kEnd.size());
  return number.find_first_not_of("0123456789") == std::string_view::npos;
}

// `com.google.cloud/services/compute-engine/VmimageN1Standard_1`: the service, and what of it.
void read_line_item(std::string_view item, Charge& charge) {
  constexpr std::string_view kServices = "services/";
  const auto services = item.find(kServices);
  if (services != std::string_view::npos) item.remove_prefix(services + kServices.size());
  const auto slash = std::min(item.find('/'), item.size());
  charge.service = item.substr(0, slash);
  charge.usage_type = item.substr(std::min(slash + 1, item.size()));
}

}  // namespace

GcpDailyParser::GcpDailyParser(Layout layout, std::span<const std::string_view> names) : layout_(std::move(layout)) {
  for (std::size_t i = 0; layout_.has_columns && i < names.size(); ++i) {
    if (is_credit(names[i])) credits_.push_back(i);
  }
}

std::optional<LineProblem> GcpDailyParser::parse(std::span<const std::string_view> record, Charge& charge) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  charge = Charge{};
  charge.provider = "Google Cloud";
  fields.text(kAccount, charge.billing_account_id);
  fields.text(fields.get(kProjectId).empty() ? kProject : kProjectId, charge.sub_account_id);
  fields.text(kProjectName, charge.sub_account_name);
  fields.text(kDescription, charge.description);
  read_line_item(fields.get(kLineItem), charge);
  charge.sku_id = fields.get(kLineItem);
  read_tags(fields.bounded(kLabels), charge.tags, remarks_);
  fields.quantity(kAmount, charge.consumed_quantity, remarks_);
  fields.text(kUnit, charge.consumed_unit);
  fields.required_currency(kCurrency, charge.currency);
  if (!fields.time(kStart, starts_, charge.period_start)) fields.complain(kStart, "it is empty");
  if (!fields.time(kEnd, ends_, charge.period_end)) charge.period_end = charge.period_start;
  if (charge.period_end < charge.period_start) fields.complain(kEnd, "it is before Start Time");
  charge.billing_period_start = month_of(charge.period_start);
  fields.required_amount(kCost, charge.billed_cost);
  charge.list_cost = charge.contracted_cost = charge.billed_cost;
  for (const std::size_t credit : credits_) {
    if (is_null(record[credit])) continue;
    const auto amount = base::Decimal::parse(record[credit]);
    if (!amount) return LineProblem{credit, "Credit Amount", amount.error().message};
    charge.billed_cost += *amount;
  }
  charge.effective_cost = charge.billed_cost;
  return fields.problem();
}

bool is_gcp_daily(const NameSet& names) { return names.has_all({"Line Item", "Measurement1", "Cost"}); }

base::Result<BillForm> open_gcp_daily(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  return BillForm{"Google Cloud billing export (daily files)", columns(),
                  std::unique_ptr<ChargeParser>(std::make_unique<GcpDailyParser>(std::move(*layout), source.names()))};
}

}  // namespace costagent
