// What the clouds of the sample sell: the services a customer's resources are made from.
//
// Names, units and the order of magnitude of prices are those of the public price lists of 2025.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace costagent {

struct CloudRegion {
  std::string_view id;
  std::string_view name;
};

struct Cloud {
  std::string_view name;          // ProviderName
  std::string_view publisher;     // PublisherName and InvoiceIssuerName
  std::string_view account_noun;  // what it calls a sub-account
  std::span<const CloudRegion> regions;
};

enum class ResourceKind { machine, database, storage, usage };

struct Offer {
  std::size_t cloud;  // index into clouds()
  ResourceKind kind;
  std::string_view service;
  std::string_view category;
  std::string_view subcategory;
  std::string_view resource_type;
  std::string_view sku;
  std::string_view meter;
  std::string_view unit;
  std::int64_t price_e8;  // of a unit, in 10^-8 of the currency
  double units_a_day;     // what a typical resource uses
  std::string_view id;    // how ResourceId is written: a format with {account}, {region}, {team} and {name}
};

std::span<const Cloud> clouds();
std::span<const Offer> offers();

// Services that only appear when something new is planted.
std::span<const Offer> new_offers();

}  // namespace costagent
