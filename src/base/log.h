// The log: one line a happening, on standard error, so that standard output stays for results.
//
// Thread-safe. Hidden behind two functions so that the logging library stays out of every other file.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace base {

enum class LogLevel { debug, info, warn, error };

// What is below this level is dropped. The default is info.
void set_log_level(LogLevel level);

// Who speaks, where several processes share one standard error: stands before every line from now on. Call it before
// there is another thread.
void set_log_name(std::string_view name);

void log_line(LogLevel level, std::string_view line);

template <class... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  log_line(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace base
