// Why a bill grew: what was paid for a unit, how much was used, and of what. Pure and thread-safe.
#pragma once

#include <span>
#include <string>

namespace costagent {

// A thing that is bought, such as a usage type of a region, in two periods of the same length. Quantities are in the
// item's unit, and of one unit they add up.
struct GrowthItem {
  std::string unit;
  double cost_before = 0;
  double quantity_before = 0;
  double cost_after = 0;
  double quantity_after = 0;
};

// The three parts add up to the change, but for rounding.
struct Growth {
  double change = 0;
  double price = 0;  // what was used costs more a unit
  double usage = 0;  // more was used, at the mean price of before
  double mix = 0;    // dearer things were used in place of cheaper ones of the same unit
};

// Price, volume and mix as controllers take a change apart, unit by unit, since hours and gigabytes don't add up. What
// has no quantity, such as a fee, changes by its price alone; a unit that wasn't used before, or isn't any more, by
// usage.
Growth growth_of(std::span<const GrowthItem> items);

}  // namespace costagent
