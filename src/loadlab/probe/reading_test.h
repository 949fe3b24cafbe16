// What tests of probes ask of a reading.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "loadlab/probe/probe.h"

namespace loadlab {

// What a reading says of a metric of a part, or of the whole; NaN where it doesn't.
inline double value_of(const Reading& reading, std::string_view metric, std::string_view part = "") {
  for (const Reading::Part& one : reading.parts()) {
    if (one.name != part) continue;
    for (const Reading::Value& value : one.values) {
      if (value.name == metric) return value.value;
    }
  }
  return kGap;
}

inline Reading read(Probe& probe) {
  Reading reading(probe.kind());
  const auto result = probe.read(reading);
  EXPECT_TRUE(result) << result.error().message;
  return reading;
}

}  // namespace loadlab
