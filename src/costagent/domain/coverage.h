// What commitments (reservations, savings plans, committed use) cover, and what they could: the usage that coverage and
// utilisation are counted from.
//
// Coverage is how much of the usage that a commitment could cover one covers, at list prices; utilisation is how much
// of what a commitment costs pays for usage, at effective cost.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "costagent/domain/charge.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

// What a commitment is to a charge: none covers it, though one could; it is covered; it is what went unused of one.
enum class CoverageStatus { none, used, unused };

struct ChargeCoverage {
  CoverageStatus status = CoverageStatus::none;
  // Some lines have money and no usage of their own: what takes back the price of covered usage, and fees of which a
  // part went unused.
  bool has_quantity = true;
};

// Decides by what the charge's fields say, whatever the provider (each parser gives them the meaning of FOCUS); nothing
// for a charge that has to do with no commitment. In this order:
//
// - what has the commitment status Unused is unused: a line of FOCUS or Azure for it, or the fee of AWS (RIFee,
//   SavingsPlanRecurringFee) of which something is left;
// - whatever else is no usage (taxes, credits, purchases ahead) is nothing;
// - usage with the status Used, or priced as Committed, is used (FOCUS; AWS: DiscountedUsage, SavingsPlanCoveredUsage;
//   Azure: PricingModel Reservation or SavingsPlan; Google: a credit for committed use);
// - usage with a commitment's id and no status is used, too, without a quantity: AWS's SavingsPlanNegation;
// - usage priced as Standard or Dynamic could be covered if it is time of something that computes: its unit counts
//   hours, minutes or seconds, and its service category, or where the bill has none its resource type, is of computing,
//   databases or analytics. Google counts memory in byte-seconds, as it does storage: the meter's name tells them
//   apart.
std::optional<ChargeCoverage> coverage_of(const Charge& charge);

// What coverage can be cut by: the dimensions that its hourly rows tell apart.
inline constexpr Dimension kCoverageDimensions[] = {
    Dimension::provider,   Dimension::account,          Dimension::service,   Dimension::region,
    Dimension::usage_type, Dimension::pricing_category, Dimension::commitment};

enum class CoverageBucket { whole, hour, day, month };

// Hours are unpacked and kept for all slices at once: a month of them is what one answer may have.
inline constexpr int kMaxDaysByHour = 31;

struct CoverageQuery {
  std::string customer;
  Period period;                            // at most kMaxDaysByHour days by the hour
  std::vector<Dimension> by{};              // of kCoverageDimensions, as are those of `only`
  std::map<Dimension, std::string> only{};  // keep usage with this value; a provider by any of its spellings
  CoverageBucket bucket = CoverageBucket::whole;
  std::size_t limit = 50;
  std::size_t offset = 0;
};

// Amounts of usage in one unit, as the bill has it.
struct CoveredQuantity {
  base::Decimal used;
  base::Decimal unused;
  base::Decimal on_demand;
  base::Decimal dynamic;
};

// Sums, exact as the bill: `dynamic` is spot usage, which no commitment covers, and is kept apart.
struct Coverage {
  Costs used;
  Costs unused;
  Costs on_demand;  // that a commitment could have covered
  Costs dynamic;
  std::map<std::string, CoveredQuantity> quantities{};  // by unit

  // Used of used and unused effective cost, and used of used and on-demand list cost: 0 to 100, none without any.
  std::optional<double> utilisation_percent() const;
  std::optional<double> coverage_percent() const;
};

struct CoverageTotal {
  SliceKey key;
  std::string currency;
  base::Seconds bucket;  // when it begins; the period's own start where the answer isn't cut by time
  Coverage coverage;
};

// A page: buckets ascending, within one the dearest (effective cost of all four) first.
struct CoveragePage {
  std::vector<CoverageTotal> totals;
  std::vector<CoverageTotal> sum;  // of everything that matched, page or not: one for each currency
  bool more = false;
};

}  // namespace costagent
