// Writes charges as FOCUS 1.2 CSV, all of its columns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "costagent/sample/catalog.h"
#include "costagent/sample/world.h"

namespace costagent {

// Money in 10^-13 of the currency: exact for a quantity of thousandths times a price of 10^-8 times a whole percentage.
// One line may be up to 900,000.
using Amount = std::int64_t;

// One line of the bill. Empty text is written as an empty field.
struct BillLine {
  const Cloud* cloud = nullptr;
  const SampleAccount* account = nullptr;
  base::Day day;
  std::string_view category = "Usage";
  std::string_view charge_class{};
  std::string_view frequency = "Usage-Based";
  std::string description;
  std::string_view service;
  std::string_view service_category;
  std::string_view service_subcategory;
  const CloudRegion* region = nullptr;
  const SampleResource* resource = nullptr;
  std::string sku;
  std::string_view meter{};
  std::string_view pricing_category = "Standard";
  std::string_view unit{};
  std::int64_t quantity_milli = 0;  // in thousandths of the unit
  std::int64_t price_e8 = 0;        // list price of a unit, in 10^-8
  int contracted_percent = 100;     // of the list price
  std::string commitment_id{};
  std::string_view commitment_status{};
  Amount list = 0;
  Amount contracted = 0;
  Amount billed = 0;
  Amount effective = 0;
};

// An amount as a decimal number, without zeros at its end.
std::string format_amount(Amount amount);

class FocusWriter {
 public:
  // Fails (io) when the file can't be made.
  static base::Result<FocusWriter> create(const std::filesystem::path& path);

  void write(const BillLine& line);

  // Fails (io) when not everything reached the file.
  base::Result<> close();

  std::uint64_t lines() const { return lines_; }

 private:
  explicit FocusWriter(std::filesystem::path path) : path_(std::move(path)), file_(path_, std::ios::binary) {}

  std::filesystem::path path_;
  std::ofstream file_;
  std::string row_;
  std::uint64_t lines_ = 0;
};

}  // namespace costagent
