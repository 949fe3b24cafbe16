#include <charconv>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {

base::Result<Watch> parse_watch(std::string_view text) {
  constexpr int kHighestPid = 4'194'304;  // Linux: PID_MAX_LIMIT
  constexpr int kHighestPort = 65535;
  const std::string_view word = trimmed(text);
  Watch watch;
  std::string_view number;
  if (word.starts_with("pid:")) {
    number = trimmed(word.substr(4));
  } else if (word.starts_with("port:")) {
    watch.kind = Watch::Kind::port;
    number = trimmed(word.substr(5));
  } else {
    return base::fail(base::ErrorKind::invalid, "'{}' is nothing to watch; write pid:4242 or port:8080", shown(text));
  }
  const int highest = watch.kind == Watch::Kind::pid ? kHighestPid : kHighestPort;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), watch.number);
  if (read.ec != std::errc() || read.ptr != number.data() + number.size() || watch.number < 1 ||
      watch.number > highest) {
    return base::fail(base::ErrorKind::invalid, "'{}': expected a number from 1 to {} behind the ':'", shown(text),
                      highest);
  }
  return watch;
}

}  // namespace loadlab
