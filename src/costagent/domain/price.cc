#include "costagent/domain/price.h"

#include <cmath>

namespace costagent {
namespace {

using base::Decimal;

// A double has 15 digits that can be trusted, so that the quotient is found by rounding it, if it has no more; whether
// it was is told by multiplying.
std::optional<Decimal> exact_quotient(const Decimal& cost, const Decimal& quantity) {
  if (cost.is_zero() || quantity.is_zero()) return std::nullopt;
  const double about = cost.to_double() / quantity.to_double();
  const double size = std::abs(about);
  if (!std::isfinite(about) || size >= 1e12) return std::nullopt;
  const int whole_digits = size < 1 ? 0 : static_cast<int>(std::log10(size)) + 1;
  const Decimal price = Decimal::from_double(about, 15 - whole_digits);
  const auto product = price.times(quantity);
  if (!product || *product != cost) return std::nullopt;
  return price;
}

}  // namespace

std::optional<UnitPrices> unit_prices_of(const Charge& charge) {
  if (charge.category != ChargeCategory::usage || !charge.charge_class.empty()) return std::nullopt;
  if (charge.list_unit_price || charge.contracted_unit_price)
    return UnitPrices{charge.pricing_unit, charge.list_unit_price, charge.contracted_unit_price};
  if (charge.has_unit_prices) return std::nullopt;
  const UnitPrices derived{charge.consumed_unit, exact_quotient(charge.list_cost, charge.consumed_quantity),
                           exact_quotient(charge.contracted_cost, charge.consumed_quantity)};
  if (!derived.list && !derived.contracted) return std::nullopt;
  return derived;
}

}  // namespace costagent
