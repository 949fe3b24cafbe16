// What sums of facts are kept by while a question is answered: numbers of the dictionary.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "costagent/store/slice.h"

namespace costagent {

using Ids = std::vector<std::int64_t>;
struct IdsHash {
  std::size_t operator()(const Ids& ids) const {
    std::uint64_t hash = ids.size();
    for (const std::int64_t id : ids)
      hash = (hash ^ static_cast<std::uint64_t>(id)) * 0xff51afd7ed558ccdULL + (hash >> 29);
    return hash;
  }
};

// Texts that no dictionary has, numbered from -1 downwards for one answer: the values of tags.
class OwnTexts {
 public:
  std::int64_t id(std::string_view text) {
    const auto [at, added] = ids_.try_emplace(std::string(text), 0);
    if (added) {
      texts_.push_back(&at->first);
      at->second = -static_cast<std::int64_t>(texts_.size());
    }
    return at->second;
  }
  const std::string& text(std::int64_t id) const { return *texts_[static_cast<std::size_t>(-id - 1)]; }

 private:
  std::map<std::string, std::int64_t> ids_;
  std::vector<const std::string*> texts_;
};

inline std::vector<SliceColumn> columns_of(const std::vector<Dimension>& by) {
  std::vector<SliceColumn> columns;
  columns.reserve(by.size());
  for (const Dimension dimension : by) columns.push_back(column_of(dimension));
  return columns;
}

// Slices that an answer may hold in memory while it is summed: some hundred bytes each.
inline constexpr std::size_t kMaxSlices = 200'000;

inline base::Failure too_many_slices() {
  return base::fail(base::ErrorKind::too_large,
                    "the answer would be too large: ask for fewer days, fewer dimensions or a part of the bill");
}

inline std::int64_t number_of(base::Day day) { return day.time_since_epoch().count(); }

inline base::Day day_of(std::int64_t number) { return base::Day(std::chrono::days(number)); }

}  // namespace costagent
