// What a charge is for, without its time and its money: the combination of its texts, each by its number in the
// dictionary. Hourly bills repeat a combination hundreds of times a month, so that it is stored once.
#pragma once

#include <array>
#include <cstdint>

#include "costagent/domain/cost_series.h"

namespace costagent {

enum class SliceColumn : std::uint8_t {
  provider,
  billing_account,
  account,
  category,
  charge_class,
  service,
  region,
  resource,
  sku,
  usage_type,
  pricing_category,
  commitment,
  commitment_status,
  unit,
  tags,
  currency,
};
inline constexpr std::size_t kSliceColumns = 16;

// In the order of SliceColumn; 0 where a number isn't known.
using SliceIds = std::array<std::int64_t, kSliceColumns>;

constexpr std::size_t at(SliceColumn column) { return static_cast<std::size_t>(column); }

constexpr SliceColumn column_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::provider:
      return SliceColumn::provider;
    case Dimension::billing_account:
      return SliceColumn::billing_account;
    case Dimension::account:
      return SliceColumn::account;
    case Dimension::service:
      return SliceColumn::service;
    case Dimension::region:
      return SliceColumn::region;
    case Dimension::resource:
      return SliceColumn::resource;
    case Dimension::category:
      return SliceColumn::category;
    case Dimension::usage_type:
      return SliceColumn::usage_type;
    case Dimension::sku:
      return SliceColumn::sku;
    case Dimension::pricing_category:
      return SliceColumn::pricing_category;
    case Dimension::commitment:
      return SliceColumn::commitment;
  }
  return SliceColumn::provider;
}

}  // namespace costagent
