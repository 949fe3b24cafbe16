#include "costagent/ingest/focus.h"

#include "costagent/domain/names.h"
#include "costagent/domain/same_word.h"
#include "costagent/ingest/tags.h"

namespace costagent {
namespace {

// The columns that are read, in the order of `columns()`.
enum Column : std::size_t {
  kServiceProvider,
  kProvider,
  kHost,
  kPublisher,
  kIssuer,
  kBillingAccount,
  kSubAccount,
  kSubAccountName,
  kCategory,
  kClass,
  kDescription,
  kServiceCategory,
  kService,
  kRegion,
  kResourceId,
  kResourceName,
  kResourceType,
  kSku,
  kMeter,
  kPricingCategory,
  kCommitment,
  kCommitmentStatus,
  kConsumedUnit,
  kConsumedQuantity,
  kTags,
  kPeriodStart,
  kPeriodEnd,
  kBillingPeriodStart,
  kCurrency,
  kBilled,
  kEffective,
  kList,
  kContracted,
  kPricingUnit,
  kListPrice,
  kContractedPrice,
  kPricingCurrency,
  kPricedList,
  kPricedContracted,
};

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      // 1.3 calls the seller of the service so; ProviderName is kept beside it until 1.4, and either may be empty.
      {{"ServiceProviderName"}},
      {{"ProviderName"}},
      {{"HostProviderName"}},
      {{"PublisherName"}},
      {{"InvoiceIssuerName"}},
      {{"BillingAccountId"}, false, "charges belong to no billing account"},
      {{"SubAccountId"}, false, "charges belong to no sub account"},
      {{"SubAccountName"}},
      {{"ChargeCategory", "ChargeType"}, true},
      {{"ChargeClass"}},
      {{"ChargeDescription"}},
      {{"ServiceCategory"}},
      {{"ServiceName"}, false, "charges belong to no service"},
      {{"RegionId", "Region"}, false, "charges belong to no region"},
      {{"ResourceId"}, false, "charges belong to no resource"},
      {{"ResourceName"}},
      {{"ResourceType"}},
      {{"SkuId"}},
      {{"SkuMeter", "x_UsageType", "x_SkuMeterName", "x_SkuDescription"}},
      {{"PricingCategory"}},
      {{"CommitmentDiscountId"}, false, "nothing tells which charges a commitment covers"},
      {{"CommitmentDiscountStatus"}},
      {{"ConsumedUnit", "UsageUnit"}},
      {{"ConsumedQuantity", "UsageQuantity"}, false, "charges have no quantity"},
      {{"Tags"}, false, "charges have no tags"},
      {{"ChargePeriodStart"}, true},
      {{"ChargePeriodEnd"}, false, "a charge counts at its start"},
      {{"BillingPeriodStart"}, false, "the month of a charge's start stands for it"},
      {{"BillingCurrency", "BilledCurrency"}, true},  // the second is how some of the specification's examples spell it
      {{"BilledCost"}, true},
      {{"EffectiveCost", "AmortizedCost"}, false, "the billed cost stands for it"},
      {{"ListCost"}, false, "the billed cost stands for it"},
      {{"ContractedCost"}, false, "the billed cost stands for it"},
      {{"PricingUnit"}},
      {{"ListUnitPrice"}},
      {{"ContractedUnitPrice"}},
      {{"PricingCurrency"}},
      {{"PricingCurrencyListUnitPrice"}},
      {{"PricingCurrencyContractedUnitPrice"}},
  };
  return table;
}

constexpr std::string_view kUnknownProvider = "unknown";

constexpr const char* kNoProvider = "nothing names the provider: it is called unknown";
constexpr const char* kOddCategory = "a ChargeCategory that is none of FOCUS's counts as Adjustment";
constexpr const char* kOtherPrices =
    "unit prices are in a PricingCurrency that is not the bill's: cost by quantity stands for them";
constexpr const char* kNoEffective = "an EffectiveCost is empty: the billed cost stands for it";

// The version whose columns the file has, as far as they tell.
std::string_view version_of(const NameSet& names) {
  if (names.has_any({"CommitmentProgramEligibilityDetails", "InvoiceDetailId"})) return "1.4";
  if (names.has_any({"ServiceProviderName", "HostProviderName", "ContractApplied", "AllocatedMethodId"})) return "1.3";
  if (names.has_any({"InvoiceId", "BillingAccountType", "SubAccountType", "PricingCurrency"})) return "1.2";
  if (names.has_any({"SkuMeter", "SkuPriceDetails", "ServiceSubcategory", "CapacityReservationId",
                     "CommitmentDiscountQuantity"})) {
    return "1.1";
  }
  return names.has("ChargeSubcategory") ? "1.0-preview" : "1.0";
}

}  // namespace

void FocusParser::read_provider(Fields& fields, Charge& charge) {
  for (const Column column : {kServiceProvider, kProvider, kHost, kPublisher, kIssuer}) {
    fields.text(column, charge.provider);
    if (!charge.provider.empty()) return;
  }
  remarks_.count(kNoProvider);
  charge.provider = kUnknownProvider;
}

void FocusParser::read_texts(Fields& fields, Charge& charge) {
  read_provider(fields, charge);
  fields.text(kBillingAccount, charge.billing_account_id);
  fields.text(kSubAccount, charge.sub_account_id);
  fields.text(kSubAccountName, charge.sub_account_name);
  fields.text(kClass, charge.charge_class);
  fields.text(kDescription, charge.description);
  fields.text(kServiceCategory, charge.service_category);
  // Azure's own exports leave it empty in purchases, roundings and credits, and that money is owed too.
  fields.text(kService, charge.service);
  fields.text(kRegion, charge.region);
  fields.text(kResourceId, charge.resource_id);
  fields.text(kResourceName, charge.resource_name);
  fields.text(kResourceType, charge.resource_type);
  fields.text(kSku, charge.sku_id);
  fields.text(kMeter, charge.usage_type);
  fields.text(kPricingCategory, charge.pricing_category);
  fields.text(kCommitment, charge.commitment_id);
  fields.text(kCommitmentStatus, charge.commitment_status);
  fields.text(kConsumedUnit, charge.consumed_unit);
  read_tags(fields.bounded(kTags), charge.tags, remarks_);
  fields.required_currency(kCurrency, charge.currency);
}

// The money is owed whatever it is called.
void FocusParser::read_category(Fields& fields, Charge& charge) {
  if (const auto category = parse_name<ChargeCategory>(fields.get(kCategory))) {
    charge.category = *category;
    return;
  }
  remarks_.count(kOddCategory);
  charge.category = ChargeCategory::adjustment;
}

void FocusParser::read_times(Fields& fields, Charge& charge) {
  if (!fields.time(kPeriodStart, starts_, charge.period_start)) fields.complain(kPeriodStart, "it is empty");
  if (!fields.time(kPeriodEnd, ends_, charge.period_end)) charge.period_end = charge.period_start;
  if (charge.period_end < charge.period_start) fields.complain(kPeriodEnd, "it is before ChargePeriodStart");
  if (!fields.time(kBillingPeriodStart, billing_starts_, charge.billing_period_start))
    charge.billing_period_start = month_of(charge.period_start);
}

void FocusParser::read_costs(Fields& fields, Charge& charge) {
  fields.required_amount(kBilled, charge.billed_cost);
  if (!fields.amount(kEffective, charge.effective_cost)) {
    if (fields.has(kEffective)) remarks_.count(kNoEffective);
    charge.effective_cost = charge.billed_cost;
  }
  if (!fields.amount(kList, charge.list_cost)) charge.list_cost = charge.billed_cost;
  if (!fields.amount(kContracted, charge.contracted_cost)) charge.contracted_cost = charge.billed_cost;
  fields.quantity(kConsumedQuantity, charge.consumed_quantity, remarks_);
  fields.text(kPricingUnit, charge.pricing_unit);
  read_prices(fields, charge);
}

// From 1.2 on, prices may be told in the currency of the price list alone. Where that is not the bill's, what the line
// cost tells a price in the bill's.
void FocusParser::read_prices(Fields& fields, Charge& charge) {
  charge.has_unit_prices = fields.has(kListPrice) || fields.has(kContractedPrice);
  charge.list_unit_price = fields.price(kListPrice, remarks_);
  charge.contracted_unit_price = fields.price(kContractedPrice, remarks_);
  if (charge.list_unit_price || charge.contracted_unit_price) return;
  if (fields.get(kPricedList).empty() && fields.get(kPricedContracted).empty()) return;
  const std::string_view currency = fields.get(kPricingCurrency);
  charge.has_unit_prices = currency.empty() || same_word(currency, charge.currency);
  if (!charge.has_unit_prices) return remarks_.count(kOtherPrices);
  charge.list_unit_price = fields.price(kPricedList, remarks_);
  charge.contracted_unit_price = fields.price(kPricedContracted, remarks_);
}

base::Result<FocusParser> FocusParser::create(std::span<const std::string_view> header) {
  auto positions = find_columns(header, columns());
  if (!positions) return base::pass_on(positions);
  return FocusParser(layout_of(header, std::move(*positions)));
}

std::optional<LineProblem> FocusParser::parse(std::span<const std::string_view> record, Charge& charge) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  read_texts(fields, charge);
  read_category(fields, charge);
  read_times(fields, charge);
  read_costs(fields, charge);
  return fields.problem();
}

bool is_focus(const NameSet& names) {
  return names.has("BilledCost") || names.has_all({"ChargeCategory", "ChargePeriodStart"});
}

base::Result<BillForm> open_focus(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  return BillForm{fmt::format("FOCUS {}", version_of(NameSet(source.names()))), columns(),
                  std::unique_ptr<ChargeParser>(std::make_unique<FocusParser>(std::move(*layout)))};
}

}  // namespace costagent
