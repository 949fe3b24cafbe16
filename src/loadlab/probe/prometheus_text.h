// The text format in which services show their metrics (Prometheus text exposition format 0.0.4).
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace loadlab {

enum class ExposedKind { untyped, counter, gauge, histogram, summary };

// Texts are parts of what was parsed, with their escapes as they stand.
struct ExposedSample {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> labels;
  double value = 0;                         // also NaN and the infinities
  ExposedKind kind = ExposedKind::untyped;  // of its family; a sample's of a histogram ends in _bucket, _sum or _count

  // Empty where there is none.
  std::string_view label(std::string_view key) const;
};

// Strict: fails (corrupt) at the first line that isn't of the format, with its number. At most 50,000 samples of at
// most 64 labels each, and lines of 64 KB; what has more is no endpoint that a person reads. Timestamps are passed
// over.
base::Result<std::vector<ExposedSample>> parse_exposition(std::string_view text);

}  // namespace loadlab
