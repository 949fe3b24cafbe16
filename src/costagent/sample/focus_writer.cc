#include "costagent/sample/focus_writer.h"

#include <fmt/format.h>

#include <iterator>

namespace costagent {
namespace {

constexpr std::string_view kHeader =
    "AvailabilityZone,BilledCost,BillingAccountId,BillingAccountName,BillingAccountType,BillingCurrency,"
    "BillingPeriodEnd,"
    "BillingPeriodStart,CapacityReservationId,CapacityReservationStatus,ChargeCategory,ChargeClass,ChargeDescription,"
    "ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountCategory,CommitmentDiscountId,"
    "CommitmentDiscountName,CommitmentDiscountQuantity,CommitmentDiscountStatus,CommitmentDiscountType,"
    "CommitmentDiscountUnit,ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,InvoiceId,"
    "InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingCurrency,PricingCurrencyContractedUnitPrice,"
    "PricingCurrencyEffectiveCost,PricingCurrencyListUnitPrice,PricingQuantity,PricingUnit,ProviderName,PublisherName,"
    "RegionId,RegionName,ResourceId,ResourceName,ResourceType,ServiceCategory,ServiceName,ServiceSubcategory,SkuId,"
    "SkuMeter,SkuPriceDetails,SkuPriceId,SubAccountId,SubAccountName,SubAccountType,Tags\n";

constexpr std::string_view kCurrency = "USD";

// Whole and fractional part of a number that counts 10^-places.
std::string fixed(std::int64_t value, int places) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  const auto width = static_cast<std::size_t>(places);
  if (digits.size() <= width) digits.insert(0, width + 1 - digits.size(), '0');
  digits.insert(digits.size() - width, ".");
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return (value < 0 ? "-" : "") + digits;
}

// A row of CSV: fields are put one after the other, quoted where they must be.
class Row {
 public:
  explicit Row(std::string& to) : to_(to) { to_.clear(); }

  void put(std::string_view field) {
    if (!first_) to_ += ',';
    first_ = false;
    if (field.find_first_of(",\"\n\r") == std::string_view::npos) {
      to_ += field;
      return;
    }
    to_ += '"';
    for (const char c : field) {
      if (c == '"') to_ += '"';
      to_ += c;
    }
    to_ += '"';
  }
  void put_if(bool given, std::string_view field) { put(given ? field : std::string_view()); }
  void end() { to_ += '\n'; }

 private:
  std::string& to_;
  bool first_ = true;
};

std::string midnight(base::Day day) { return base::format_time(base::Seconds(day)); }

base::Day month_start(base::Day day) {
  const std::chrono::year_month_day date{day};
  return date.year() / date.month() / 1;
}

base::Day next_month(base::Day day) {
  const std::chrono::year_month_day date{day};
  const auto next = date.year() / date.month() + std::chrono::months(1);
  return next / 1;
}

std::string tags_of(const SampleResource& resource) {
  return fmt::format(R"({{"team":"{}","environment":"{}","workload":"{}"}})", resource.team, resource.environment,
                     resource.workload == Workload::spot_fit ? "batch" : "service");
}

void put_account_and_period(Row& row, const BillLine& line) {
  const std::string billing_account = line.account->id.substr(0, 6) + "000000";
  row.put("");  // AvailabilityZone
  row.put(format_amount(line.billed));
  row.put(billing_account);
  row.put("Acme holding");
  row.put("Billing account");
  row.put(kCurrency);
  row.put(midnight(next_month(line.day)));
  row.put(midnight(month_start(line.day)));
  row.put("");  // CapacityReservationId
  row.put("");  // CapacityReservationStatus
  row.put(line.category);
  row.put(line.charge_class);
  row.put(line.description);
  row.put(line.frequency);
  row.put(midnight(line.day + std::chrono::days(1)));
  row.put(midnight(line.day));
}

void put_commitment(Row& row, const BillLine& line) {
  const bool committed = !line.commitment_id.empty();
  row.put_if(committed, "Spend");
  row.put(line.commitment_id);
  row.put_if(committed, "Compute commitment");
  row.put_if(committed, format_amount(line.effective));
  row.put(line.commitment_status);
  row.put_if(committed, "Savings Plan");
  row.put_if(committed, kCurrency);
}

void put_costs(Row& row, const BillLine& line) {
  const bool usage = !line.unit.empty();
  const std::string quantity = usage ? fixed(line.quantity_milli, 3) : "";
  const std::string list_price = usage ? fixed(line.price_e8, 8) : "";
  const std::string contracted_price = usage ? fixed(line.price_e8 * line.contracted_percent, 10) : "";
  row.put(quantity);
  row.put(line.unit);
  row.put(format_amount(line.contracted));
  row.put(contracted_price);
  row.put(format_amount(line.effective));
  row.put(
      fmt::format("INV-{}-{}", line.account->id.substr(0, 4), base::format_day(month_start(line.day)).substr(0, 7)));
  row.put(line.cloud->publisher);  // InvoiceIssuerName
  row.put(format_amount(line.list));
  row.put(list_price);
  row.put(line.pricing_category);
  row.put(kCurrency);
  row.put(contracted_price);
  row.put(format_amount(line.effective));
  row.put(list_price);
  row.put(quantity);
  row.put(line.unit);
}

void put_what(Row& row, const BillLine& line) {
  row.put(line.cloud->name);
  row.put(line.cloud->publisher);
  row.put_if(line.region != nullptr, line.region != nullptr ? line.region->id : "");
  row.put_if(line.region != nullptr, line.region != nullptr ? line.region->name : "");
  row.put_if(line.resource != nullptr, line.resource != nullptr ? line.resource->id : "");
  row.put_if(line.resource != nullptr, line.resource != nullptr ? line.resource->name : "");
  row.put_if(line.resource != nullptr, line.resource != nullptr ? line.resource->offer->resource_type : "");
  row.put(line.service_category);
  row.put(line.service);
  row.put(line.service_subcategory);
  row.put(line.sku);
  row.put(line.meter);
  row.put("");  // SkuPriceDetails
  row.put_if(!line.sku.empty(), line.sku + ".standard");
  row.put(line.account->id);
  row.put(line.account->name);
  row.put(line.cloud->account_noun);
  row.put_if(line.resource != nullptr, line.resource != nullptr ? tags_of(*line.resource) : "");
}

}  // namespace

std::string format_amount(Amount amount) { return fixed(amount, 13); }

base::Result<FocusWriter> FocusWriter::create(const std::filesystem::path& path) {
  FocusWriter writer(path);
  writer.file_ << kHeader;
  if (!writer.file_) return base::fail(base::ErrorKind::io, "{} can't be written", path.string());
  return writer;
}

void FocusWriter::write(const BillLine& line) {
  Row row(row_);
  put_account_and_period(row, line);
  put_commitment(row, line);
  put_costs(row, line);
  put_what(row, line);
  row.end();
  file_ << row_;
  ++lines_;
}

base::Result<> FocusWriter::close() {
  file_.close();
  if (!file_) return base::fail(base::ErrorKind::io, "{} can't be written: is the disk full?", path_.string());
  return {};
}

}  // namespace costagent
