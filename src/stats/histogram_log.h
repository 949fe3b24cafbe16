// The public log format of HdrHistogram (version 1.3 of the log, V2 of the encoding: Tene 2015), so that any of its
// tools reads what was measured here: a line an interval, each a histogram with all its counts.
//
// Values are in nanoseconds. The histograms have the buckets of HdrHistogram with a lowest discernible value of 1, a
// highest trackable one of Histogram::kMaxTrackable and the same digits, so that nothing is rounded on the way; what
// was saturated stands in the last bucket. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "stats/histogram.h"

namespace stats {

// The encoding alone: a header of 40 bytes, then the counts as ZigZag LEB128 numbers, a run of zeros as one negative.
std::string encode_histogram(const Histogram& histogram);

// The way back, of what `encode_histogram` wrote: the same counts, in the same buckets; minimum, maximum and mean are
// then known to a bucket's precision. Fails with `corrupt` on anything else.
base::Result<Histogram> decode_histogram(std::string_view bytes);

// What `decode_histogram(bytes)->percentile` says of each of these percents, which ascend, in their order; empty where
// nothing was recorded. Without the table of a Histogram, whose making takes most of a decoding's time: for who reads
// thousands of them. Fails as decoding does.
base::Result<std::vector<std::uint64_t>> percentiles_of_encoded(std::string_view bytes,
                                                                std::span<const double> percents);

// The first lines of a log: who wrote it, when it begins, and the names of the columns. Lines tell their time from
// then.
std::string log_header(std::string_view writer, base::UtcTime start);

// One line: what was recorded within `length` from `start`, which counts from the log's beginning, under a tag.
std::string log_line(std::string_view tag, base::Nanoseconds start, base::Nanoseconds length,
                     const Histogram& histogram);

// A name as a tag may be written: what would end it (commas, spaces and control characters) becomes `_`.
std::string log_tag(std::string_view name);

}  // namespace stats
