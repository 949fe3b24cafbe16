// Where a redirect leads (RFC 9110, 10.2.2; RFC 3986, 5.2).
#pragma once

#include <string>
#include <string_view>

#include "loadlab/plan/plan.h"
#include "loadlab/result/tally.h"

namespace loadlab {

struct Redirection {
  // Not within the target (another scheme, host or port), which nobody has said may be loaded; or no URL at all.
  Fault fault = Fault::none;
  // With its query: ready to stand in a request's first line, whatever the server wrote.
  std::string path{};
};

// `location` is the header's value; `from` the path, with its query, of the request that it answers.
Redirection redirection_of(std::string_view location, std::string_view from, const Url& target);

}  // namespace loadlab
