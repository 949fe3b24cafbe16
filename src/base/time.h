// Calendar days and points in time, as bills and reports write them. All times are UTC. Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace base {

using Day = std::chrono::sys_days;
using Seconds = std::chrono::sys_seconds;

// `2024-09-20`. Fails (invalid) on any other form and on days that no calendar has.
Result<Day> parse_day(std::string_view text);

// `2024-09-20`, `2024-09-20 20:00:00`, `2024-09-20T20:00:00`, with a fraction (dropped), with `Z`, ` UTC` or an offset
// (`+02:00`,
// `-0530`) at the end; without one it is UTC. Fails (invalid) on anything else.
Result<Seconds> parse_time(std::string_view text);

std::string format_day(Day day);           // 2024-09-20
std::string format_time(Seconds time);     // 2024-09-20T20:00:00Z
std::string format_time_ms(UtcTime time);  // 2024-09-20T20:00:00.123Z

}  // namespace base
