#include "costagent/analyze/parts.h"

#include <algorithm>

namespace costagent {

bool holds(const Anomaly& whole, const Anomaly& part) {
  if (whole.slice.size() > part.slice.size()) return false;
  if (!whole.tag.empty() && (whole.tag != part.tag || whole.slice.back() != part.slice.back())) return false;
  for (std::size_t i = 0; i < whole.dimensions.size(); ++i) {
    const auto at = std::find(part.dimensions.begin(), part.dimensions.end(), whole.dimensions[i]);
    if (at == part.dimensions.end()) return false;
    if (part.slice[static_cast<std::size_t>(at - part.dimensions.begin())] != whole.slice[i]) return false;
  }
  return true;
}

}  // namespace costagent
