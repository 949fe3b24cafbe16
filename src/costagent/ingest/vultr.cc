#include "costagent/ingest/vultr.h"

#include "costagent/domain/same_word.h"

namespace costagent {
namespace {

// The columns that are read, in the order of `columns()`.
enum Column : std::size_t {
  kDescription,
  kProduct,
  kRegion,
  kResource,
  kStart,
  kEnd,
  kUnits,
  kUnitType,
  kUnitPrice,
  kCurrency,
  kTotal,
};

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"description"}},
      {{"product"}, true},
      {{"region"}},
      {{"resource_id", "instance_id"}, false, "the description stands for the resource"},
      {{"start_date", "date"}, true},
      {{"end_date"}, false, "a charge counts at its start"},
      {{"units", "hours"}},
      {{"unit_type"}},
      {{"unit_price"}},
      {{"currency"}, false, "it is USD, as all that Vultr bills"},
      {{"total", "amount"}, true},
  };
  return table;
}

ChargeCategory category_of(std::string_view product, const base::Decimal& total) {
  for (const std::string_view tax : {"Tax", "Sales Tax", "VAT", "GST"}) {
    if (same_word(product, tax)) return ChargeCategory::tax;
  }
  return total.is_negative() ? ChargeCategory::credit : ChargeCategory::usage;
}

}  // namespace

std::optional<LineProblem> VultrParser::parse(std::span<const std::string_view> record, Charge& charge) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  charge = Charge{};
  charge.provider = "Vultr";
  fields.text(kDescription, charge.description);
  fields.text(kProduct, charge.service);
  fields.text(kRegion, charge.region);
  fields.text(kResource, charge.resource_id);
  if (charge.resource_id.empty()) charge.resource_id = charge.description;
  charge.resource_name = charge.description;
  charge.usage_type = charge.service;
  fields.quantity(kUnits, charge.consumed_quantity, remarks_);
  fields.text(kUnitType, charge.consumed_unit);
  charge.has_unit_prices = fields.has(kUnitPrice);
  charge.pricing_unit = charge.consumed_unit;
  charge.list_unit_price = charge.contracted_unit_price = fields.price(kUnitPrice, remarks_);
  fields.currency(kCurrency, charge.currency);
  if (charge.currency.empty()) charge.currency = "USD";
  if (!fields.time(kStart, starts_, charge.period_start)) fields.complain(kStart, "it is empty");
  if (!fields.time(kEnd, ends_, charge.period_end)) charge.period_end = charge.period_start;
  if (charge.period_end < charge.period_start) fields.complain(kEnd, "it is before start_date");
  charge.billing_period_start = month_of(charge.period_start);
  fields.required_amount(kTotal, charge.billed_cost);
  charge.effective_cost = charge.list_cost = charge.contracted_cost = charge.billed_cost;
  charge.category = category_of(charge.service, charge.billed_cost);
  return fields.problem();
}

bool is_vultr(const NameSet& names) {
  return names.has("product") && names.has_any({"total", "amount"}) && names.has_any({"unit_price", "unit_type"});
}

base::Result<BillForm> open_vultr(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  return BillForm{"Vultr invoice items", columns(),
                  std::unique_ptr<ChargeParser>(std::make_unique<VultrParser>(std::move(*layout)))};
}

}  // namespace costagent
