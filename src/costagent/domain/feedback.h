// What people say about their costs, which the analysis of a bill takes into account; and what they were told.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "costagent/domain/anomaly.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

// A part of a bill, by what its charges have; of nothing: all of it.
struct BillSlice {
  std::map<Dimension, std::string> only{};
  std::map<std::string, std::string> only_tagged{};  // empty: no such tag

  friend bool operator==(const BillSlice&, const BillSlice&) = default;
};

enum class FeedbackKind {
  expected,        // what was told is as it should be, and nothing like it is news
  not_an_anomaly,  // what was told is none, and nothing like it is
  exclude,         // leave the slice out, on these days: they say nothing of what is usual
  planned_event,   // a launch, a sale: these days differ, and are told as that
};
inline constexpr auto kFeedbackKinds =
    std::to_array<std::string_view>({"expected", "not_an_anomaly", "exclude", "planned_event"});
inline std::string_view name_of(FeedbackKind kind) { return kFeedbackKinds[static_cast<std::size_t>(kind)]; }

// A plain value. The same customer, kind, slice and days have the same id.
struct Feedback {
  std::string id{};
  std::string customer{};
  FeedbackKind kind = FeedbackKind::expected;
  BillSlice slice{};
  Period days{};
  std::string note{};
  std::string anomaly{};      // the id of what was marked, if it was named by that …
  double daily_impact = 0;    // … and its money a day, below 0 for less; 0: not known
  double change_percent = 0;  // of a planned event: by how much of the usual cost its days differ; 0: not known
  base::Seconds created{};
};

// An incident as it was told first, by what it was first.
struct ToldIncident {
  std::string id{};
  Anomaly anomaly{};
  std::int64_t version = 0;  // of the facts that it rested on
  base::Seconds told{};
};

}  // namespace costagent
