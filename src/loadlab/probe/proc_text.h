// The small texts that Linux tells about itself in: files of /proc, /sys and control groups.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace loadlab {

// The whole text, read at one go where it fits, as these files change between two reads. Nothing where it can't be
// read; no more than 1 MB, as a file of a thousand cores or disks is shorter.
std::optional<std::string> read_proc(const std::filesystem::path& path);

// Takes the next line, or word between spaces and tabs, off the front. Nothing at the end.
std::optional<std::string_view> next_line(std::string_view& text);
std::optional<std::string_view> next_word(std::string_view& line);

// The whole word as a number; nothing if it is none.
std::optional<std::uint64_t> whole_number(std::string_view word);
std::optional<double> real_number(std::string_view word);

// The number behind `key` as the first word of a line, as in `MemFree:  123 kB` or `usage_usec 17`.
std::optional<std::uint64_t> number_of_key(std::string_view text, std::string_view key);

// Of a pressure file (PSI): the microseconds in which `some` or `full` of the tasks waited.
std::optional<std::uint64_t> pressure_total(std::string_view text, std::string_view who);

}  // namespace loadlab
