#include "costagent/ingest/azure.h"

#include "costagent/domain/same_word.h"
#include "costagent/ingest/tags.h"

namespace costagent {
namespace {

// The columns that are read, in the order of `columns()`.
enum Column : std::size_t {
  kBillingAccount,
  kSubscription,
  kSubscriptionName,
  kChargeType,
  kProduct,
  kFamily,
  kMeterCategory,
  kConsumedService,
  kLocation,
  kMeterRegion,
  kResource,
  kResourceName,
  kMeter,
  kMeterName,
  kPricingModel,
  kBenefit,
  kReservation,
  kUnit,
  kQuantity,
  kTags,
  kDate,
  kBillingStart,
  kCurrency,
  kPricingCurrency,
  kCost,
  kPaygCost,
  kPaygPrice,
  kUnitPrice,
};

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"BillingAccountId", "BillingAccountNumber", "EnrollmentNumber"}, false, "charges belong to no billing account"},
      {{"SubscriptionId", "SubscriptionGuid"}, false, "charges belong to no sub account"},
      {{"SubscriptionName"}},
      {{"ChargeType"}, false, "every charge counts as Usage"},
      {{"ProductName", "Product"}},
      {{"ServiceFamily"}},
      {{"MeterCategory"}},
      {{"ConsumedService"}},
      {{"ResourceLocation", "ResourceLocationNormalized"}},
      {{"MeterRegion"}},
      {{"ResourceId", "InstanceId", "InstanceName"}, false, "charges belong to no resource"},
      {{"ResourceName"}},
      {{"MeterId"}},
      {{"MeterName", "Meter"}},
      {{"PricingModel"}},
      {{"benefitId"}},
      {{"ReservationId"}},
      {{"UnitOfMeasure"}},
      {{"Quantity", "UsageQuantity", "ConsumedQuantity"}},
      {{"Tags"}, false, "charges have no tags"},
      {{"Date", "UsageDateTime", "UsageDate"}, true},
      {{"BillingPeriodStartDate"}, false, "the month of a charge's day stands for it"},
      {{"BillingCurrencyCode", "BillingCurrency", "Currency", "CurrencyCode"}, true},
      {{"PricingCurrency", "PricingCurrencyCode"}},
      {{"CostInBillingCurrency", "Cost", "PreTaxCost", "ExtendedCost"}, true},
      {{"paygCostInBillingCurrency"}},
      {{"PayGPrice"}},
      {{"UnitPrice"}},
  };
  return table;
}

constexpr const char* kAmortised =
    "usage that a commitment covers has a cost, as in exports of amortized cost: nothing is billed for it here, but "
    "for "
    "the commitment in the export of actual cost";
constexpr const char* kOddType = "a ChargeType that is not known counts as Adjustment";

// Exports that do without ChargeType are of usage alone.
bool is(std::string_view type, std::string_view name) { return same_word(type, name); }

// `Microsoft.Compute/virtualMachines` of a resource's path; empty if it has none.
std::string_view type_in(std::string_view path) {
  constexpr std::string_view kProviders = "/providers/";
  const auto at = path.rfind(kProviders);
  if (at == std::string_view::npos) return {};
  path.remove_prefix(at + kProviders.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return {};
  return path.substr(0, path.find('/', slash + 1));
}

// Takes up to four digits, and the character that must follow them, off the front.
bool take_number(std::string_view& text, char end, int& number) {
  std::size_t digits = 0;
  number = 0;
  while (digits < text.size() && digits < 4 && text[digits] >= '0' && text[digits] <= '9')
    number = number * 10 + (text[digits++] - '0');
  if (digits == 0) return false;
  text.remove_prefix(digits);
  if (end == '\0') return true;
  if (text.empty() || text.front() != end) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

base::Result<base::Seconds> parse_azure_time(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return base::parse_time(text);
  int month = 0;
  int day = 0;
  int year = 0;
  std::string_view rest = text;
  bool good = take_number(rest, '/', month) && take_number(rest, '/', day) && take_number(rest, '\0', year);
  // A time of the day may follow, which is always midnight.
  good = good && (rest.empty() || rest == " 00:00:00" || rest == " 0:00" || rest == " 00:00" || rest == " 12:00:00 AM");
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!good || !date.ok()) {
    return base::fail(base::ErrorKind::invalid, "'{}' is not a day: expected YYYY-MM-DD or MM/DD/YYYY",
                      text.substr(0, 64));
  }
  return base::Seconds{std::chrono::sys_days(date)};
}

void AzureParser::read_resource(Fields& fields, Charge& charge) {
  fields.text(kResource, charge.resource_id);
  fields.text(kResourceName, charge.resource_name);
  if (charge.resource_name.empty()) {
    const auto slash = charge.resource_id.rfind('/');
    if (slash != std::string::npos) charge.resource_name = charge.resource_id.substr(slash + 1);
  }
  charge.resource_type = type_in(charge.resource_id);
  if (charge.resource_type.empty()) fields.text(kConsumedService, charge.resource_type);
}

void AzureParser::read_texts(Fields& fields, Charge& charge) {
  charge.provider = "Microsoft";
  fields.text(kBillingAccount, charge.billing_account_id);
  fields.text(kSubscription, charge.sub_account_id);
  fields.text(kSubscriptionName, charge.sub_account_name);
  fields.text(kProduct, charge.description);
  fields.text(kFamily, charge.service_category);
  for (const Column column : {kMeterCategory, kConsumedService, kProduct}) {
    fields.text(column, charge.service);
    if (!charge.service.empty()) break;
  }
  fields.text(fields.get(kLocation).empty() ? kMeterRegion : kLocation, charge.region);
  // One region is spelt `EastUS`, `eastus` and `US East` in the same file; its id has small letters alone.
  std::erase(charge.region, ' ');
  for (char& c : charge.region) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  read_resource(fields, charge);
  fields.text(kMeter, charge.sku_id);
  fields.text(kMeterName, charge.usage_type);
  fields.text(fields.get(kBenefit).empty() ? kReservation : kBenefit, charge.commitment_id);
  fields.text(kUnit, charge.consumed_unit);
  fields.quantity(kQuantity, charge.consumed_quantity, remarks_);
  read_tags(fields.bounded(kTags), charge.tags, remarks_);
  fields.required_currency(kCurrency, charge.currency);
}

void AzureParser::read_times(Fields& fields, Charge& charge) {
  if (!fields.time(kDate, days_, charge.period_start)) fields.complain(kDate, "it is empty");
  const auto day = std::chrono::floor<std::chrono::days>(charge.period_start);
  charge.period_start = day;
  charge.period_end = day + std::chrono::days(1);
  if (!fields.time(kBillingStart, billing_starts_, charge.billing_period_start))
    charge.billing_period_start = month_of(charge.period_start);
}

void AzureParser::read_costs(Fields& fields, Charge& charge) {
  const std::string_view type = fields.get(kChargeType);
  const std::string_view model = fields.get(kPricingModel);
  const bool committed = is(model, "Reservation") || is(model, "SavingsPlan");
  fields.required_amount(kCost, charge.billed_cost);
  charge.effective_cost = charge.billed_cost;
  charge.charge_class.clear();
  charge.commitment_status.clear();
  charge.pricing_category = committed               ? "Committed"
                            : is(model, "Spot")     ? "Dynamic"
                            : is(model, "OnDemand") ? "Standard"
                                                    : "";
  if (type.empty() || is(type, "Usage")) {
    charge.category = ChargeCategory::usage;
    if (!committed) return;
    // Of actual cost, what is covered costs nothing; of amortized cost, it costs its share.
    charge.commitment_status = "Used";
    if (!charge.billed_cost.is_zero()) remarks_.count(kAmortised);
    charge.billed_cost = {};
  } else if (is(type, "UnusedReservation") || is(type, "UnusedSavingsPlan")) {
    charge.category = ChargeCategory::usage;
    charge.commitment_status = "Unused";
    charge.billed_cost = {};
  } else if (is(type, "Purchase")) {
    charge.category = ChargeCategory::purchase;
    // It comes back with the usage it covers.
    if (committed || !charge.commitment_id.empty()) charge.effective_cost = {};
  } else if (is(type, "Refund")) {
    charge.category = ChargeCategory::adjustment;
    charge.charge_class = "Correction";
    if (committed || !charge.commitment_id.empty()) charge.effective_cost = {};
  } else if (is(type, "Tax")) {
    charge.category = ChargeCategory::tax;
  } else {
    charge.category = ChargeCategory::adjustment;
    if (!is(type, "RoundingAdjustment") && !is(type, "Adjustment")) remarks_.count(kOddType);
  }
}

// The list and the contracted cost: as the export says, or the price times the quantity; what has neither costs what is
// billed, or, where a commitment covers it, its share of that.
void AzureParser::read_prices(Fields& fields, Charge& charge) {
  const std::string_view priced_in = fields.get(kPricingCurrency);
  const auto product = [&](Column price, base::Decimal& to) {
    base::Decimal unit;
    if (!priced_in.empty() && !same_word(priced_in, charge.currency)) return false;
    if (!fields.amount(price, unit) || unit.is_zero()) return false;
    const auto exact = unit.times(charge.consumed_quantity);
    if (exact) to = *exact;
    return exact.has_value();
  };
  const bool covered = !charge.commitment_status.empty();
  const base::Decimal own = covered ? charge.effective_cost : charge.billed_cost;
  const bool usage = charge.category == ChargeCategory::usage && charge.commitment_status != "Unused";
  if (!fields.amount(kPaygCost, charge.list_cost) && !(usage && product(kPaygPrice, charge.list_cost)))
    charge.list_cost = own;
  if (!(usage && product(kUnitPrice, charge.contracted_cost))) charge.contracted_cost = own;
  const bool known = priced_in.empty() || same_word(priced_in, charge.currency);
  charge.has_unit_prices = fields.has(kPaygPrice) || fields.has(kUnitPrice);
  charge.pricing_unit = charge.consumed_unit;
  charge.list_unit_price = known ? fields.price(kPaygPrice, remarks_) : std::nullopt;
  charge.contracted_unit_price = known ? fields.price(kUnitPrice, remarks_) : std::nullopt;
}

std::optional<LineProblem> AzureParser::parse(std::span<const std::string_view> record, Charge& charge) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  read_texts(fields, charge);
  read_times(fields, charge);
  read_costs(fields, charge);
  read_prices(fields, charge);
  return fields.problem();
}

bool is_azure(const NameSet& names) {
  if (names.has_any({"CostInBillingCurrency", "PreTaxCost"})) return true;
  return names.has_any({"Cost", "ExtendedCost"}) && names.has_any({"MeterId", "MeterCategory"});
}

base::Result<BillForm> open_azure(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  const NameSet names(source.names());
  const bool customer = names.has_any({"paygCostInBillingCurrency", "costInPricingCurrency", "pricingCurrency"});
  const bool enterprise = names.has_any({"EnrollmentNumber", "AccountOwnerId", "AccountName"});
  return BillForm{customer     ? "Azure export (Customer Agreement)"
                  : enterprise ? "Azure export (Enterprise Agreement)"
                               : "Azure export",
                  columns(), std::unique_ptr<ChargeParser>(std::make_unique<AzureParser>(std::move(*layout)))};
}

}  // namespace costagent
