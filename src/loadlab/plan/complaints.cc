#include "loadlab/plan/complaints.h"

#include <algorithm>
#include <cassert>

namespace loadlab {

Position behind(Position begin, std::string_view text) {
  const auto last_break = text.rfind('\n');
  if (last_break != std::string_view::npos) {
    begin.line += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    begin.column = 1;
    text.remove_prefix(last_break + 1);
  }
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return {begin.line, begin.column + static_cast<int>(characters), begin.file};
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMostBytes = 60;
  const bool cut = text.size() > kMostBytes;
  if (cut) {
    std::size_t end = kMostBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
    text = text.substr(0, end);
  }
  std::string line;
  for (const char c : text) {
    if (c == '\n') {
      line += "\\n";
    } else {
      line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return cut ? line + "…" : line;
}

void Complaints::add_text(Position at, std::string what) {
  std::pair<Position, std::string> complaint{at, std::move(what)};
  if (std::find(complaints_.begin(), complaints_.end(), complaint) != complaints_.end()) return;
  complaints_.push_back(std::move(complaint));
}

base::Error Complaints::error(const std::string& name) const {
  assert(!empty());
  auto sorted = complaints_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMostShown); ++i) {
    const auto& [at, what] = sorted[i];
    const std::string& file = at.file == 0 ? name : files_[static_cast<std::size_t>(at.file) - 1];
    text += fmt::format("{}{}:{}:{}: {}", i == 0 ? "" : "\n", file, at.line, at.column, what);
  }
  if (full()) {
    text += "\n… and many more";
  } else if (sorted.size() > kMostShown) {
    text += fmt::format("\n… and {} more", sorted.size() - kMostShown);
  }
  return {base::ErrorKind::invalid, text};
}

}  // namespace loadlab
