#include "costagent/ingest/gcp.h"

#include "costagent/ingest/json_cursor.h"
#include "costagent/ingest/tags.h"

namespace costagent {
namespace {

// The columns that are read, in the order of `columns()`.
enum Column : std::size_t {
  kBillingAccount,
  kProject,
  kProjectName,
  kService,
  kSku,
  kSkuName,
  kRegion,
  kLocation,
  kGlobalName,
  kResourceName,
  kSubscription,
  kLabels,
  kStart,
  kEnd,
  kMonth,
  kAmount,
  kUnit,
  kCurrency,
  kCostType,
  kAdjustment,
  kCost,
  kListCost,
  kCredits,
  kCreditAmount,
  kListPrice,
  kEffectivePrice,
  kPriceUnit,
};

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"billing_account_id"}, false, "charges belong to no billing account"},
      {{"project.id"}, false, "charges belong to no sub account"},
      {{"project.name"}},
      {{"service.description"}, true},
      {{"sku.id"}},
      {{"sku.description"}},
      {{"location.region"}},
      {{"location.location"}},
      {{"resource.global_name"}, false, "charges belong to no resource; the detailed export has them"},
      {{"resource.name"}},
      {{"subscription.instance_id"}},
      {{"labels"}, false, "charges have no tags"},
      {{"usage_start_time"}, true},
      {{"usage_end_time"}},
      {{"invoice.month"}, false, "the month of a charge's start stands for it"},
      {{"usage.amount"}},
      {{"usage.unit"}},
      {{"currency"}, true},
      {{"cost_type"}, false, "every charge counts as Usage"},
      {{"adjustment_info.id"}},
      {{"cost"}, true},
      {{"cost_at_list"}, false, "the cost before credits stands for it"},
      {{"credits"}, false, "nothing is credited"},
      {{"credits.amount", "credit_amount"}},
      {{"price.list_price"}},
      {{"price.effective_price"}},
      {{"price.unit"}},
  };
  return table;
}

constexpr const char* kOddType = "a cost_type that is not known counts as Adjustment";

// The month that `202409` is, at its first day.
bool read_month(std::string_view text, base::Seconds& to) {
  if (text.size() != 6 || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  const auto day = base::parse_day(fmt::format("{}-{}-01", text.substr(0, 4), text.substr(4)));
  if (day) to = *day;
  return day.has_value();
}

// One of a line's credits.
struct Credit {
  std::string_view id;
  std::string_view type;
  std::string_view amount;
};

bool read_credit(JsonCursor& cursor, Credit& credit) {
  credit = {};
  if (!cursor.enter_object()) return false;
  std::string_view key;
  JsonValue value;
  while (cursor.next_member(key) && cursor.take(value)) {
    if (value.kind == JsonKind::null) continue;
    if (key == "id") credit.id = value.raw;
    if (key == "type") credit.type = value.raw;
    if (key != "amount") continue;
    if (!credit.amount.empty()) return false;  // twice: which of them is it?
    credit.amount = value.raw;
  }
  return cursor.ok();
}

}  // namespace

void GcpParser::read_texts(Fields& fields, Charge& charge) {
  charge.provider = "Google Cloud";
  fields.text(kBillingAccount, charge.billing_account_id);
  fields.text(kProject, charge.sub_account_id);
  fields.text(kProjectName, charge.sub_account_name);
  fields.text(kService, charge.service);
  charge.service_category.clear();
  fields.text(kSku, charge.sku_id);
  fields.text(kSkuName, charge.usage_type);
  charge.description = charge.usage_type;
  fields.text(fields.get(kRegion).empty() ? kLocation : kRegion, charge.region);
  fields.text(fields.get(kGlobalName).empty() ? kResourceName : kGlobalName, charge.resource_id);
  fields.text(kResourceName, charge.resource_name);
  charge.resource_type.clear();
  fields.text(kSubscription, charge.commitment_id);
  charge.commitment_status.clear();
  fields.text(kUnit, charge.consumed_unit);
  fields.quantity(kAmount, charge.consumed_quantity, remarks_);
  read_tags(fields.bounded(kLabels), charge.tags, remarks_);
  fields.required_currency(kCurrency, charge.currency);
}

void GcpParser::read_times(Fields& fields, Charge& charge) {
  if (!fields.time(kStart, starts_, charge.period_start)) fields.complain(kStart, "it is empty");
  if (!fields.time(kEnd, ends_, charge.period_end)) charge.period_end = charge.period_start;
  if (charge.period_end < charge.period_start) fields.complain(kEnd, "it is before usage_start_time");
  const std::string_view month = fields.get(kMonth);
  if (month.empty()) {
    charge.billing_period_start = month_of(charge.period_start);
  } else if (!read_month(month, charge.billing_period_start)) {
    fields.complain(kMonth, fmt::format("'{}' is not a month: expected YYYYMM", month.substr(0, 64)));
  }
}

void GcpParser::read_category(Fields& fields, Charge& charge) {
  const std::string_view type = fields.get(kCostType);
  const std::string_view sku = fields.get(kSkuName);
  charge.charge_class = fields.get(kAdjustment).empty() ? "" : "Correction";
  charge.pricing_category = "Standard";
  if (sku.find("Preemptible") != std::string_view::npos) charge.pricing_category = "Dynamic";
  if (type.empty() || type == "regular") {
    // The fee of a commitment is usage to Google, but for something that was bought for a term.
    charge.category = sku.starts_with("Commitment") ? ChargeCategory::purchase : ChargeCategory::usage;
    return;
  }
  charge.pricing_category.clear();
  charge.category = type == "tax" ? ChargeCategory::tax : ChargeCategory::adjustment;
  if (type != "tax" && type != "adjustment" && type != "rounding_error") remarks_.count(kOddType);
}

// What the credits come to, and the commitment that one of them is for.
void GcpParser::read_credits(Fields& fields, Charge& charge, base::Decimal& sum) {
  const std::string_view text = fields.get(kCredits);
  if (text.empty()) {
    fields.amount(kCreditAmount, sum);
    return;
  }
  JsonCursor cursor(text);
  if (cursor.enter_array()) {
    Credit credit;
    while (cursor.next_element() && read_credit(cursor, credit)) {
      if (credit.amount.empty()) continue;
      const auto amount = base::Decimal::parse(credit.amount);
      if (!amount) return fields.complain(kCredits, amount.error().message);
      sum += *amount;
      if (!credit.type.starts_with("COMMITTED_USAGE_DISCOUNT")) continue;
      charge.commitment_status = "Used";
      charge.pricing_category = "Committed";
      if (charge.commitment_id.empty()) append_unescaped(credit.id, charge.commitment_id);
    }
  }
  if (!cursor.ok() || !cursor.at_end()) fields.complain(kCredits, "it is not an array of credits, each with an amount");
}

void GcpParser::read_costs(Fields& fields, Charge& charge) {
  base::Decimal cost;
  base::Decimal credits;
  fields.required_amount(kCost, cost);
  read_credits(fields, charge, credits);
  charge.billed_cost = cost + credits;
  // A commitment is paid as it goes on, and its credits are given to what it covers: nothing is left to amortise.
  charge.effective_cost = charge.billed_cost;
  charge.contracted_cost = cost;
  if (!fields.amount(kListCost, charge.list_cost)) charge.list_cost = cost;
  charge.has_unit_prices = fields.has(kListPrice) || fields.has(kEffectivePrice);
  fields.text(kPriceUnit, charge.pricing_unit);
  charge.list_unit_price = fields.price(kListPrice, remarks_);
  charge.contracted_unit_price = fields.price(kEffectivePrice, remarks_);
}

std::optional<LineProblem> GcpParser::parse(std::span<const std::string_view> record, Charge& charge) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  read_texts(fields, charge);
  read_times(fields, charge);
  read_category(fields, charge);
  read_costs(fields, charge);
  return fields.problem();
}

bool is_gcp(const NameSet& names) {
  return names.has_all({"cost", "usage_start_time"}) &&
         names.has_any({"service.description", "sku.description", "service.id", "sku.id"});
}

base::Result<BillForm> open_gcp(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  const bool detailed = NameSet(source.names()).has_any({"resource.name", "resource.global_name", "resource"});
  return BillForm{detailed ? "Google Cloud billing export (detailed)" : "Google Cloud billing export", columns(),
                  std::unique_ptr<ChargeParser>(std::make_unique<GcpParser>(std::move(*layout)))};
}

}  // namespace costagent
