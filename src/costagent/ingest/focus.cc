#include "costagent/ingest/focus.h"

#include "costagent/domain/names.h"

namespace costagent {
namespace {

// The columns that are read, in the order of `columns()`.
enum Column : std::size_t {
  kProvider,
  kOlderProvider,
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
};

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      // FOCUS 1.3 calls the seller of the service so; ProviderName is kept beside it until 1.4, and either may be
      // empty.
      {{"ServiceProviderName", "ProviderName", "HostProviderName", "PublisherName"}, true},
      {{"ProviderName", "HostProviderName", "PublisherName"}},
      {{"BillingAccountId"}},
      {{"SubAccountId"}},
      {{"SubAccountName"}},
      {{"ChargeCategory"}, true},
      {{"ChargeClass"}},
      {{"ChargeDescription"}},
      {{"ServiceCategory"}},
      {{"ServiceName"}, true},
      {{"RegionId", "Region"}},
      {{"ResourceId"}},
      {{"ResourceName"}},
      {{"ResourceType"}},
      {{"SkuId"}},
      {{"PricingCategory"}},
      {{"CommitmentDiscountId"}},
      {{"CommitmentDiscountStatus"}},
      {{"ConsumedUnit"}},
      {{"ConsumedQuantity"}},
      {{"Tags"}},
      {{"ChargePeriodStart"}, true},
      {{"ChargePeriodEnd"}},
      {{"BillingPeriodStart"}},
      {{"BillingCurrency", "BilledCurrency"}, true},  // the second is how some of the specification's examples spell it
      {{"BilledCost"}, true},
      {{"EffectiveCost"}, true},
      {{"ListCost"}},
      {{"ContractedCost"}},
  };
  return table;
}

// Clouds sold nothing before, and a bill for a later day is a mistyped one; it also bounds what a day can be.
const base::Seconds kEarliest = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);
const base::Seconds kLatest = std::chrono::sys_days(std::chrono::year(2100) / 1 / 1);

// Ids and descriptions have hundreds of bytes, but a resource's tags are one text: Azure allows fifty of 768
// characters, three bytes each. A novel is none of these.
constexpr std::size_t kLongestText = std::size_t{128} * 1024;

// One record's fields by column, and the first thing that is found wrong.
class Reader {
 public:
  Reader(const std::vector<std::size_t>& positions, std::span<const std::string_view> fields)
      : positions_(positions), fields_(fields) {}

  std::string_view field(Column column) const {
    const std::size_t position = positions_[column];
    if (position == kNoColumn || is_null(fields_[position])) return {};
    return fields_[position];
  }

  void text(Column column, std::string& to) {
    const std::string_view value = field(column);
    if (value.size() > kLongestText) complain(column, fmt::format("it is longer than {} bytes", kLongestText));
    to.assign(value.substr(0, kLongestText));
  }
  void required_text(Column column, std::string& to) {
    text(column, to);
    if (to.empty()) complain(column, "it is empty");
  }
  void amount(Column column, base::Decimal& to) {
    to = base::Decimal();
    const std::string_view value = field(column);
    if (value.empty()) return;
    const auto parsed = base::Decimal::parse(value);
    if (!parsed) return complain(column, parsed.error().message);
    to = *parsed;
  }
  void required_amount(Column column, base::Decimal& to) {
    if (field(column).empty()) return complain(column, "it is empty; expected a number, as in -12.50 or 1.25E-7");
    amount(column, to);
  }
  // False when there is none.
  bool time(Column column, base::Seconds& to) {
    const std::string_view value = field(column);
    if (value.empty()) return false;
    const auto parsed = base::parse_time(value);
    if (!parsed) {
      complain(column, parsed.error().message);
    } else if (*parsed < kEarliest || *parsed >= kLatest) {
      complain(column, fmt::format("'{}' is not a time from 2000 to 2099", value));
    } else {
      to = *parsed;
    }
    return true;
  }

  void complain(Column column, std::string message) {
    if (problem_) return;
    problem_ = LineProblem{positions_[column], std::string(columns()[column].names.front()), std::move(message)};
  }
  std::optional<LineProblem> problem() { return std::move(problem_); }

 private:
  const std::vector<std::size_t>& positions_;
  std::span<const std::string_view> fields_;
  std::optional<LineProblem> problem_;
};

void read_provider(Reader& reader, Charge& charge) {
  reader.text(kProvider, charge.provider);
  if (charge.provider.empty()) reader.text(kOlderProvider, charge.provider);
  if (charge.provider.empty()) reader.complain(kProvider, "it is empty");
}

void read_texts(Reader& reader, Charge& charge) {
  read_provider(reader, charge);
  reader.text(kBillingAccount, charge.billing_account_id);
  reader.text(kSubAccount, charge.sub_account_id);
  reader.text(kSubAccountName, charge.sub_account_name);
  reader.text(kClass, charge.charge_class);
  reader.text(kDescription, charge.description);
  reader.text(kServiceCategory, charge.service_category);
  // Azure's own exports leave it empty in purchases, roundings and credits, and that money is owed too.
  reader.text(kService, charge.service);
  reader.text(kRegion, charge.region);
  reader.text(kResourceId, charge.resource_id);
  reader.text(kResourceName, charge.resource_name);
  reader.text(kResourceType, charge.resource_type);
  reader.text(kSku, charge.sku_id);
  reader.text(kPricingCategory, charge.pricing_category);
  reader.text(kCommitment, charge.commitment_id);
  reader.text(kCommitmentStatus, charge.commitment_status);
  reader.text(kConsumedUnit, charge.consumed_unit);
  reader.text(kTags, charge.tags);
  reader.required_text(kCurrency, charge.currency);
}

void read_category(Reader& reader, Charge& charge) {
  const std::string_view name = reader.field(kCategory);
  if (const auto category = parse_name<ChargeCategory>(name)) {
    charge.category = *category;
  } else {
    reader.complain(kCategory,
                    fmt::format("'{}' is none of Usage, Purchase, Tax, Credit, Adjustment", name.substr(0, 64)));
  }
}

void read_times(Reader& reader, Charge& charge) {
  if (!reader.time(kPeriodStart, charge.period_start)) reader.complain(kPeriodStart, "it is empty");
  if (!reader.time(kPeriodEnd, charge.period_end)) charge.period_end = charge.period_start;
  if (charge.period_end < charge.period_start) reader.complain(kPeriodEnd, "it is before ChargePeriodStart");
  if (reader.time(kBillingPeriodStart, charge.billing_period_start)) return;
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(charge.period_start)};
  charge.billing_period_start = std::chrono::sys_days(date.year() / date.month() / 1);
}

}  // namespace

base::Result<FocusParser> FocusParser::create(std::span<const std::string_view> header) {
  auto positions = find_columns(header, columns());
  if (!positions) return base::pass_on(positions);
  return FocusParser(std::move(*positions), header.size());
}

std::optional<LineProblem> FocusParser::parse(std::span<const std::string_view> fields, Charge& charge) const {
  if (fields.size() != columns_) {
    return LineProblem{kNoColumn, "", fmt::format("it has {} fields where the header has {}", fields.size(), columns_)};
  }
  Reader reader(positions_, fields);
  read_texts(reader, charge);
  read_category(reader, charge);
  read_times(reader, charge);
  reader.required_amount(kBilled, charge.billed_cost);
  reader.required_amount(kEffective, charge.effective_cost);
  reader.amount(kList, charge.list_cost);
  reader.amount(kContracted, charge.contracted_cost);
  reader.amount(kConsumedQuantity, charge.consumed_quantity);
  return reader.problem();
}

}  // namespace costagent
