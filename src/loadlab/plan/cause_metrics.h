// Which of a target's own metrics tell why it is slow.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace loadlab {

// By cause and role the name of a metric, without its labels; what a plan doesn't say is looked for under the usual
// names (judge/own_metrics.h).
using CauseMetrics = std::map<std::pair<std::string, std::string>, std::string>;

// The causes that a metric can tell, each with the roles its metrics play.
struct CauseRole {
  std::string_view cause;
  std::string_view role;
  std::string_view meaning;
};
inline constexpr auto kCauseRoles = std::to_array<CauseRole>({
    {"pool", "used", "connections of a pool in use"},
    {"pool", "size", "connections that the pool may have"},
    {"pool", "waiting", "requests that wait for a connection"},
    {"lock", "waiting", "requests that wait for a lock"},
    {"lock", "time", "seconds spent waiting for it, a counter"},
    {"queue", "length", "requests in a queue"},
    {"queue", "limit", "how many it takes"},
    {"downstream", "time", "seconds spent waiting for services behind this one, a counter"},
    {"disk", "time", "seconds spent waiting for a disk, a counter"},
    {"rate limit", "refused", "requests refused by a limit, a counter"},
});

}  // namespace loadlab
