#include "costagent/ingest/aws_cur.h"

#include "costagent/ingest/json_cursor.h"
#include "costagent/ingest/tags.h"

namespace costagent {
namespace {

// The columns that are read, in the order of `columns()`.
enum Column : std::size_t {
  kPayer,
  kAccount,
  kAccountName,
  kType,
  kDescription,
  kService,
  kProduct,
  kProductCode,
  kRegionCode,
  kRegion,
  kZone,
  kResource,
  kFamily,
  kSku,
  kUsageType,
  kTerm,
  kPlan,
  kReservation,
  kUnit,
  kAmount,
  kTags,
  kStart,
  kEnd,
  kBillingStart,
  kCurrency,
  kUnblended,
  kNetUnblended,
  kOnDemand,
  kReservationCost,
  kNetReservationCost,
  kUnusedUpfront,
  kNetUnusedUpfront,
  kUnusedRecurring,
  kNetUnusedRecurring,
  kPlanCost,
  kNetPlanCost,
  kPlanTotal,
  kPlanUsed,
  kOnDemandRate,
  kRate,
  kNetRate,
};

constexpr std::string_view kNotAmortised = "the billed cost stands for the amortised one";

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"bill/PayerAccountId"}, false, "charges belong to no billing account"},
      {{"lineItem/UsageAccountId"}, false, "charges belong to no sub account"},
      {{"line_item_usage_account_name"}},
      {{"lineItem/LineItemType"}, true},
      {{"lineItem/LineItemDescription"}},
      {{"product/ProductName"}},
      {{"product"}},  // CUR 2.0: a map as JSON
      {{"lineItem/ProductCode"}, true},
      {{"product/regionCode"}},
      {{"product/region"}},
      {{"lineItem/AvailabilityZone"}},
      {{"lineItem/ResourceId"}, false, "charges belong to no resource; have the export include resource ids"},
      {{"product/productFamily"}},
      {{"product/sku"}},
      {{"lineItem/UsageType"}},
      {{"pricing/term"}},
      {{"savingsPlan/SavingsPlanARN"}},
      {{"reservation/ReservationARN"}},
      {{"pricing/unit"}},
      {{"lineItem/UsageAmount"}},
      {{"resource_tags"}},  // CUR 2.0: a map as JSON
      {{"lineItem/UsageStartDate"}, true},
      {{"lineItem/UsageEndDate"}},
      {{"bill/BillingPeriodStartDate"}, false, "the month of a charge's start stands for it"},
      {{"lineItem/CurrencyCode"}, true},
      {{"lineItem/UnblendedCost"}, true},
      {{"lineItem/NetUnblendedCost"}},
      {{"pricing/publicOnDemandCost"}, false, "the billed cost stands for it"},
      {{"reservation/EffectiveCost"}, false, kNotAmortised},
      {{"reservation/NetEffectiveCost"}},
      {{"reservation/UnusedAmortizedUpfrontFeeForBillingPeriod"}, false, kNotAmortised},
      {{"reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod"}},
      {{"reservation/UnusedRecurringFee"}, false, kNotAmortised},
      {{"reservation/NetUnusedRecurringFee"}},
      {{"savingsPlan/SavingsPlanEffectiveCost"}, false, kNotAmortised},
      {{"savingsPlan/NetSavingsPlanEffectiveCost"}},
      {{"savingsPlan/TotalCommitmentToDate"}, false, kNotAmortised},
      {{"savingsPlan/UsedCommitment"}, false, kNotAmortised},
      {{"pricing/publicOnDemandRate"}},
      {{"lineItem/UnblendedRate"}},
      {{"lineItem/NetUnblendedRate"}},
  };
  return table;
}

constexpr const char* kOddType = "a line item of a type that is not known counts as Adjustment, unamortised";

// What a line item's type means (AWS data dictionary, lineItem/LineItemType).
enum class How { plain, reservation, plan, reservation_fee, plan_fee, plan_upfront, fee, negation };

struct LineItemType {
  std::string_view name;
  ChargeCategory category;
  How how = How::plain;
};

constexpr LineItemType kTypes[] = {
    {"Usage", ChargeCategory::usage},
    {"DiscountedUsage", ChargeCategory::usage, How::reservation},
    {"SavingsPlanCoveredUsage", ChargeCategory::usage, How::plan},
    // What it takes back is usage, which was billed at the price on demand.
    {"SavingsPlanNegation", ChargeCategory::usage, How::negation},
    {"Tax", ChargeCategory::tax},
    {"Fee", ChargeCategory::purchase, How::fee},
    {"RIFee", ChargeCategory::purchase, How::reservation_fee},
    {"SavingsPlanRecurringFee", ChargeCategory::purchase, How::plan_fee},
    {"SavingsPlanUpfrontFee", ChargeCategory::purchase, How::plan_upfront},
    {"Credit", ChargeCategory::credit},
    {"Refund", ChargeCategory::adjustment},
    {"Discount", ChargeCategory::credit},
    {"BundledDiscount", ChargeCategory::credit},
    {"EdpDiscount", ChargeCategory::credit},
    {"PrivateRateDiscount", ChargeCategory::credit},
    {"RiVolumeDiscount", ChargeCategory::credit},
    {"SppDiscount", ChargeCategory::credit},
    {"DistributorDiscount", ChargeCategory::credit},
};

const LineItemType* known_type(std::string_view name) {
  for (const LineItemType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

How how_of(std::string_view type) {
  const LineItemType* known = known_type(type);
  return known != nullptr ? known->how : How::plain;
}

// The member of a JSON object of texts; empty if it has none.
std::string_view member_of(std::string_view object, std::string_view wanted, std::string& room) {
  JsonCursor cursor(object);
  std::string_view key;
  JsonValue value;
  if (object.empty() || !cursor.enter_object()) return {};
  while (cursor.next_member(key) && cursor.take(value)) {
    if (key != wanted) continue;
    room.clear();
    room.reserve(value.raw.size());
    return text_of(value, room);
  }
  return {};
}

// The amount of the first column unless it is empty, then that of the second. False when both are.
bool first_amount(Fields& fields, Column net, Column gross, base::Decimal& to) {
  return fields.amount(net, to) || fields.amount(gross, to);
}

std::string_view pricing_category(std::string_view term, std::string_view usage_type, How how) {
  if (how == How::plan || how == How::reservation || term == "Reserved") return "Committed";
  if (term == "Spot" || usage_type.find("SpotUsage") != std::string_view::npos) return "Dynamic";
  return term.empty() ? "" : "Standard";
}

constexpr std::string_view kTagPrefixes[] = {"resourceTags/", "resource_tags_"};
constexpr std::string_view kUserPrefixes[] = {"user:", "user_"};

}  // namespace

AwsCurParser::AwsCurParser(Layout layout, std::span<const std::string_view> names)
    : layout_(std::move(layout)),
      amortises_reservations_(layout_.positions[kReservationCost] != kNoColumn &&
                              layout_.positions[kUnusedUpfront] != kNoColumn &&
                              layout_.positions[kUnusedRecurring] != kNoColumn),
      amortises_plans_(layout_.positions[kPlanCost] != kNoColumn && layout_.positions[kPlanTotal] != kNoColumn &&
                       layout_.positions[kPlanUsed] != kNoColumn) {
  for (std::size_t i = 0; layout_.has_columns && i < names.size(); ++i) {
    for (const std::string_view prefix : kTagPrefixes) {
      if (!names[i].starts_with(prefix)) continue;
      std::string_view key = names[i].substr(prefix.size());
      // As FOCUS has it: tags that people set bear no prefix, and the provider's own do (aws:).
      for (const std::string_view user : kUserPrefixes) {
        if (key.starts_with(user)) key.remove_prefix(user.size());
      }
      tag_columns_.push_back({i, std::string(key)});
      break;
    }
  }
}

void AwsCurParser::read_service(Fields& fields, Charge& charge) {
  fields.text(kService, charge.service);
  if (!charge.service.empty()) return;
  std::string room;
  charge.service = member_of(fields.get(kProduct), "product_name", room);
  if (charge.service.empty()) fields.text(kProductCode, charge.service);
}

void AwsCurParser::read_region(Fields& fields, Charge& charge) {
  for (const Column column : {kRegionCode, kRegion, kZone}) {
    fields.text(column, charge.region);
    if (charge.region.empty()) continue;
    // A zone is its region and a letter: us-east-1a.
    const std::string& region = charge.region;
    const bool zone = column == kZone && region.size() > 2 && region.back() >= 'a' && region.back() <= 'z' &&
                      region[region.size() - 2] >= '0' && region[region.size() - 2] <= '9';
    if (zone) charge.region.pop_back();
    return;
  }
}

void AwsCurParser::read_texts(Fields& fields, Charge& charge) {
  charge.provider = "AWS";
  fields.text(kPayer, charge.billing_account_id);
  fields.text(kAccount, charge.sub_account_id);
  fields.text(kAccountName, charge.sub_account_name);
  fields.text(kDescription, charge.description);
  charge.service_category.clear();
  read_service(fields, charge);
  read_region(fields, charge);
  fields.text(kResource, charge.resource_id);
  charge.resource_name.clear();
  fields.text(kFamily, charge.resource_type);
  fields.text(kSku, charge.sku_id);
  fields.text(kUsageType, charge.usage_type);
  fields.text(kPlan, charge.commitment_id);
  if (charge.commitment_id.empty()) fields.text(kReservation, charge.commitment_id);
  fields.text(kUnit, charge.consumed_unit);
  fields.quantity(kAmount, charge.consumed_quantity, remarks_);
  fields.required_currency(kCurrency, charge.currency);
}

void AwsCurParser::read_tags_of(Fields& fields, std::span<const std::string_view> record, Charge& charge) {
  if (fields.has(kTags)) return read_tags(fields.bounded(kTags), "user_", charge.tags, remarks_);
  TagWriter writer(charge.tags);
  for (const TagColumn& column : tag_columns_) {
    if (!is_null(record[column.position])) writer.add(column.key, record[column.position]);
  }
  writer.finish();
}

void AwsCurParser::read_times(Fields& fields, Charge& charge) {
  if (!fields.time(kStart, starts_, charge.period_start)) fields.complain(kStart, "it is empty");
  if (!fields.time(kEnd, ends_, charge.period_end)) charge.period_end = charge.period_start;
  if (charge.period_end < charge.period_start) fields.complain(kEnd, "it is before the usage's start");
  if (!fields.time(kBillingStart, billing_starts_, charge.billing_period_start))
    charge.billing_period_start = month_of(charge.period_start);
}

// The net cost is what is owed. Where a file has it, discounts are in it, and lines of discounts beside it would be
// counted twice: AWS leaves theirs at zero, or empty.
void AwsCurParser::read_billed(Fields& fields, std::string_view type, Charge& charge) {
  if (fields.amount(kNetUnblended, charge.billed_cost)) return;
  if (fields.has(kNetUnblended) && type.ends_with("Discount")) return;
  fields.required_amount(kUnblended, charge.billed_cost);
}

void AwsCurParser::read_effective(Fields& fields, std::string_view type, Charge& charge) {
  const How how = how_of(type);
  base::Decimal second;
  charge.effective_cost = charge.billed_cost;
  charge.commitment_status.clear();
  switch (how) {
    case How::plain:
      return;
    case How::reservation:
      charge.commitment_status = "Used";
      if (!amortises_reservations_) return;
      if (!first_amount(fields, kNetReservationCost, kReservationCost, charge.effective_cost))
        fields.complain(kReservationCost, "it is empty, so that the amortised cost is unknown");
      return;
    case How::plan:
      charge.commitment_status = "Used";
      if (!amortises_plans_) return;
      if (!first_amount(fields, kNetPlanCost, kPlanCost, charge.effective_cost))
        fields.complain(kPlanCost, "it is empty, so that the amortised cost is unknown");
      return;
    case How::reservation_fee:
      if (!amortises_reservations_) return;
      first_amount(fields, kNetUnusedUpfront, kUnusedUpfront, charge.effective_cost);
      first_amount(fields, kNetUnusedRecurring, kUnusedRecurring, second);
      charge.effective_cost += second;
      break;
    case How::plan_fee:
      if (!amortises_plans_) return;
      fields.required_amount(kPlanTotal, charge.effective_cost);
      fields.required_amount(kPlanUsed, second);
      charge.effective_cost -= second;
      break;
    case How::plan_upfront:
    case How::negation:
      if (amortises_plans_) charge.effective_cost = {};
      return;
    case How::fee:
      // The upfront payment of a reservation; other fees have no ARN.
      if (amortises_reservations_ && !fields.get(kReservation).empty()) charge.effective_cost = {};
      return;
  }
  if (!charge.effective_cost.is_zero()) charge.commitment_status = "Unused";
}

void AwsCurParser::read_costs(Fields& fields, Charge& charge) {
  const std::string_view type = fields.get(kType);
  const How how = how_of(type);
  read_billed(fields, type, charge);
  read_effective(fields, type, charge);
  if (!fields.amount(kOnDemand, charge.list_cost)) charge.list_cost = charge.billed_cost;
  // A negation takes back money, not usage: the usage's list cost stands on its own line.
  if (how == How::negation) charge.list_cost = {};
  charge.contracted_cost = charge.billed_cost;
  if (how == How::negation) charge.contracted_cost = {};
  if (how == How::reservation) charge.contracted_cost = charge.list_cost;
  charge.pricing_category = pricing_category(fields.get(kTerm), fields.get(kUsageType), how);
  const LineItemType* known = known_type(type);
  if (known == nullptr) remarks_.count(kOddType);
  charge.category = known != nullptr ? known->category : ChargeCategory::adjustment;
  charge.charge_class = type == "Refund" ? "Correction" : "";
  read_prices(fields, how == How::plain, charge);
}

// The rate of a line is what it was billed at; where a commitment covers it, that is none of a price list.
void AwsCurParser::read_prices(Fields& fields, bool plain, Charge& charge) {
  charge.has_unit_prices = fields.has(kOnDemandRate) || fields.has(kRate);
  charge.pricing_unit = charge.consumed_unit;
  charge.list_unit_price = fields.price(kOnDemandRate, remarks_);
  charge.contracted_unit_price = fields.price(fields.has(kNetRate) ? kNetRate : kRate, remarks_);
  if (!plain) charge.contracted_unit_price.reset();
}

std::optional<LineProblem> AwsCurParser::parse(std::span<const std::string_view> record, Charge& charge) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  read_texts(fields, charge);
  read_tags_of(fields, record, charge);
  read_times(fields, charge);
  read_costs(fields, charge);
  return fields.problem();
}

bool is_aws_cur(const NameSet& names) { return names.has_any({"lineItem/UnblendedCost", "lineItem/LineItemType"}); }

base::Result<BillForm> open_aws_cur(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  bool legacy = false;
  for (const std::string_view name : source.names()) legacy = legacy || name.find('/') != std::string_view::npos;
  return BillForm{legacy ? "AWS CUR (legacy)" : "AWS CUR 2.0", columns(),
                  std::unique_ptr<ChargeParser>(std::make_unique<AwsCurParser>(std::move(*layout), source.names()))};
}

}  // namespace costagent
