#include "costagent/domain/coverage.h"

#include <algorithm>
#include <string_view>

#include "costagent/domain/same_word.h"

namespace costagent {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Whether one of the text's words (letters next to each other) is one of these, letter case ignored.
template <class Words>
bool has_word(std::string_view text, const Words& words) {
  while (!text.empty()) {
    const auto first = std::find_if(text.begin(), text.end(), is_letter);
    const auto last = std::find_if_not(first, text.end(), is_letter);
    const std::string_view word(text.data() + (first - text.begin()), static_cast<std::size_t>(last - first));
    for (const std::string_view known : words) {
      if (same_word(word, known)) return true;
    }
    text.remove_prefix(static_cast<std::size_t>(last - text.begin()));
  }
  return false;
}

constexpr std::string_view kTimes[] = {"hour", "hours", "hr",  "hrs",    "minute",
                                       "min",  "mins",  "sec", "second", "seconds"};
constexpr std::string_view kBytes[] = {"byte", "bytes"};
constexpr std::string_view kMemory[] = {"ram", "memory"};

// Words of service categories (FOCUS, Azure's service families) and of resource types (AWS's product families).
constexpr std::string_view kComputes[] = {"compute",   "containers", "databases", "database",
                                          "analytics", "learning",   "instance",  "serverless"};

bool computes(const Charge& charge) {
  if (!has_word(charge.consumed_unit, kTimes)) return false;
  if (has_word(charge.consumed_unit, kBytes)) return has_word(charge.usage_type, kMemory);
  const std::string& kind = charge.service_category.empty() ? charge.resource_type : charge.service_category;
  return kind.empty() || has_word(kind, kComputes);
}

std::optional<double> percent(const base::Decimal& part, const base::Decimal& rest) {
  const double whole = (part + rest).to_double();
  if (whole <= 0) return std::nullopt;
  return std::clamp(100 * part.to_double() / whole, 0.0, 100.0);
}

}  // namespace

std::optional<ChargeCoverage> coverage_of(const Charge& charge) {
  const bool usage = charge.category == ChargeCategory::usage;
  if (same_word(charge.commitment_status, "Unused")) return ChargeCoverage{CoverageStatus::unused, usage};
  if (!usage) return std::nullopt;
  const bool committed = same_word(charge.pricing_category, "Committed");
  if (committed || same_word(charge.commitment_status, "Used")) return ChargeCoverage{CoverageStatus::used, true};
  if (!charge.commitment_id.empty()) return ChargeCoverage{CoverageStatus::used, false};
  const bool priced = same_word(charge.pricing_category, "Standard") || same_word(charge.pricing_category, "Dynamic");
  if (!priced || !computes(charge)) return std::nullopt;
  return ChargeCoverage{CoverageStatus::none, true};
}

std::optional<double> Coverage::utilisation_percent() const { return percent(used.effective, unused.effective); }

std::optional<double> Coverage::coverage_percent() const { return percent(used.list, on_demand.list); }

}  // namespace costagent
