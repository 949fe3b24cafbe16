// How what people said changes what a bill's series teach, and what is told of them.
//
// Pure and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "costagent/domain/feedback.h"

namespace costagent {

// Known by what it is about and when it began, so that it is the same whenever a bill is analysed, and whether it is
// called a spike or a shift: 16 hexadecimal digits.
std::string id_of(const std::string& customer, const Anomaly& anomaly);

// How two parts of a bill lie to each other.
enum class Relation { apart, same, part, whole };

// What `slice` is to the series or anomaly that is cut by these dimensions and tag: the same; a part of it; a whole
// that holds it; or apart, which is also what shares but some of its charges.
Relation relation_of(const BillSlice& slice, const std::vector<Dimension>& dimensions, const std::string& tag,
                     const SliceKey& key);

// The slice of an anomaly.
BillSlice slice_of(const Anomaly& anomaly);

// What the days `within` of a series would have cost by what other days did: the median of the same weekday within four
// weeks on either side, days that are `taken` left out; where all of these are, of the nearest four that aren't on
// either side. NaN where there is none, or where the series has no charge on them.
// Shape: a value for every day of the series, NaN outside.
std::vector<double> usual_days(const CostSeries& series, Period within, const std::vector<bool>& taken);

// Whether the anomaly was said to be expected, or none. `first` is what leads its incident. Something that begins
// within two days of the feedback's days, in its slice or in one that it is a part or whole of, was meant; and of the
// very slice whatever points the same way and is at most a quarter larger a day.
bool is_answered(const Feedback& feedback, const Anomaly& first);

}  // namespace costagent
