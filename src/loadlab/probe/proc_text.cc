#include "loadlab/probe/proc_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

namespace loadlab {

std::optional<std::string> read_proc(const std::filesystem::path& path) {
  constexpr std::size_t kMost = 1 << 20;
  constexpr std::size_t kFirst = 4096;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text(kFirst, '\0');
  std::size_t length = 0;
  ssize_t got = 0;
  while ((got = ::read(fd, text.data() + length, text.size() - length)) > 0) {
    length += static_cast<std::size_t>(got);
    if (length == text.size()) {
      if (length >= kMost) break;
      text.resize(2 * length);
    }
  }
  ::close(fd);
  if (got < 0) return std::nullopt;
  text.resize(length);
  return text;
}

std::optional<std::string_view> next_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::optional<std::string_view> next_word(std::string_view& line) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  line.remove_prefix(begin);
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> whole_number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<double> real_number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_of_key(std::string_view text, std::string_view key) {
  while (const auto line = next_line(text)) {
    std::string_view rest = *line;
    if (next_word(rest) != key) continue;
    const auto word = next_word(rest);
    return word ? whole_number(*word) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> pressure_total(std::string_view text, std::string_view who) {
  // some avg10=0.00 avg60=0.00 avg300=0.00 total=12345
  while (const auto line = next_line(text)) {
    std::string_view rest = *line;
    if (next_word(rest) != who) continue;
    while (const auto word = next_word(rest)) {
      if (word->starts_with("total=")) return whole_number(word->substr(6));
    }
  }
  return std::nullopt;
}

}  // namespace loadlab
