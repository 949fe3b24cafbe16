// Why a run has the verdict that it has, as the page of `loadlab serve` shows it. Pure; assets/runs.js reads it.
#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>

namespace loadlab {

// [{"test", "kind", "severity", "what", "observed", "limit", "margin", "text"}], what fails before what only warns, and
// of both the worst first. `kind`: error, untrusted, threshold, leak or verification. `what` is the threshold, with
// what was observed, its limit and the margin in words, or the verification; what is said in sentences is in `text`.
// What a kind lacks is empty, and so is the test of what concerns the run.
//
// `summary`: as json_summary writes it, of this loadlab or an older one. Empty where nothing is wrong; where it is no
// summary; and where it has more than 64 MB, some hundred hours of tests, which is more than a page may wait for.
boost::json::array reasons_json(std::string_view summary);

}  // namespace loadlab
