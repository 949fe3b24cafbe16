// The part of the summary that benchmarks and sweeps fill. Pure.
#pragma once

#include <boost/json/object.hpp>

#include "loadlab/result/result.h"

namespace loadlab {

// Adds `benchmarks` and `sweep` to a test's object.
void add_samples(boost::json::object& to, const TestResult& test);

}  // namespace loadlab
