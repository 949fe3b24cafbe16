// The part of the summary that judgement fills: leaks, bottleneck, recovery. Pure.
#pragma once

#include <boost/json/object.hpp>

#include "loadlab/result/result.h"

namespace loadlab {

// Adds `leaks`, `leaks_not_judged`, `bottleneck` and `recovery` to a test's object.
void add_judgement(boost::json::object& to, const TestResult& test);

}  // namespace loadlab
