// One line of a bill, in the terms of FOCUS (the FinOps Open Cost and Usage Specification, 1.0 to 1.4).
//
// Only the columns that something reads are typed here; other bills' columns are given the FOCUS meaning. Empty text
// means that the bill had no value (an empty field or NULL). A plain value.
#pragma once

#include <optional>
#include <string>

#include "base/decimal.h"
#include "base/time.h"
#include "costagent/domain/costs.h"

namespace costagent {

enum class ChargeCategory { usage, purchase, tax, credit, adjustment };

struct Charge {
  // Who is billed, by whom.
  std::string provider;            // ProviderName; 1.3 and later: ServiceProviderName
  std::string billing_account_id;  // BillingAccountId
  std::string sub_account_id;      // SubAccountId: AWS account, GCP project, Azure subscription
  std::string sub_account_name;    // SubAccountName

  // What for.
  ChargeCategory category = ChargeCategory::usage;  // ChargeCategory
  std::string charge_class;                         // ChargeClass: "Correction" or empty
  std::string description;                          // ChargeDescription
  std::string service_category;                     // ServiceCategory
  std::string service;                              // ServiceName; Azure has purchases without one
  std::string region;                               // RegionId
  std::string resource_id;                          // ResourceId
  std::string resource_name;                        // ResourceName
  std::string resource_type;                        // ResourceType
  std::string sku_id;                               // SkuId
  std::string usage_type;                           // SkuMeter (1.1 and later): AWS's usage type, Azure's meter
  std::string pricing_category;                     // PricingCategory: Standard, Dynamic (spot), Committed, Other
  std::string commitment_id;                        // CommitmentDiscountId
  std::string commitment_status;                    // CommitmentDiscountStatus: Used, Unused or empty
  std::string consumed_unit;                        // ConsumedUnit
  base::Decimal consumed_quantity;                  // ConsumedQuantity
  std::string tags;                                 // Tags: a JSON object as text, or empty

  // When: [start, end), UTC.
  base::Seconds period_start;          // ChargePeriodStart
  base::Seconds period_end;            // ChargePeriodEnd
  base::Seconds billing_period_start;  // BillingPeriodStart

  // How much, in `currency` (BillingCurrency, ISO 4217).
  std::string currency;
  base::Decimal billed_cost;      // BilledCost: what the invoice says
  base::Decimal effective_cost;   // EffectiveCost: with commitments amortised
  base::Decimal list_cost;        // ListCost
  base::Decimal contracted_cost;  // ContractedCost

  // What one `pricing_unit` costs, in `currency`; none where the line doesn't say.
  bool has_unit_prices = false;                        // the line tells prices, or the bill has a column for them
  std::string pricing_unit;                            // PricingUnit
  std::optional<base::Decimal> list_unit_price;        // ListUnitPrice
  std::optional<base::Decimal> contracted_unit_price;  // ContractedUnitPrice

  Costs costs() const { return {billed_cost, effective_cost, list_cost, contracted_cost}; }
};

}  // namespace costagent
