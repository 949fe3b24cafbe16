#include "costagent/api/merge_metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace costagent {
namespace {

// Beyond this a double no longer holds every whole number.
constexpr double kLargestWhole = 9007199254740992.0;

struct Family {
  std::string help;  // the whole line
  std::string type;  // the word
  std::vector<std::pair<std::string, double>> samples;
  std::unordered_map<std::string, std::size_t> known;  // where in `samples`
};

// Families in the order in which they first came.
struct Families {
  std::vector<std::pair<std::string, Family>> all;
  std::unordered_map<std::string, std::size_t> known;

  Family& named(std::string_view name) {
    const auto [at, fresh] = known.try_emplace(std::string(name), all.size());
    if (fresh) all.emplace_back(std::string(name), Family{});
    return all[at->second].second;
  }
};

// The database belongs to all, and so do a version and a point in time; and the most of several is the highest.
bool is_shared(std::string_view name) {
  return name.ends_with("_info") || name.ends_with("_timestamp_seconds") || name.ends_with("_start_time_seconds") ||
         name.starts_with("shared_") || name.starts_with("jobs_") || name.ends_with("_max") ||
         name == "sqlite_wal_bytes";
}

std::string_view next_word(std::string_view& rest) {
  const auto end = std::min(rest.find(' '), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void append_number(std::string& text, double value) {
  if (std::isnan(value)) {
    text += "NaN";
    return;
  }
  if (std::isinf(value)) {
    text += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  char digits[32];
  const bool whole = std::abs(value) < kLargestWhole && value == std::floor(value);
  const auto end = whole ? std::to_chars(digits, digits + sizeof digits, static_cast<long long>(value)).ptr
                         : std::to_chars(digits, digits + sizeof digits, value).ptr;
  text.append(digits, end);
}

void add_sample(std::string_view line, const std::string& name, Family& family) {
  // Values of labels may hold spaces, the number doesn't.
  const auto space = line.rfind(' ');
  if (space == std::string_view::npos || !line.starts_with(name)) return;
  const auto value = number_of(line.substr(space + 1));
  if (!value) return;
  const auto [at, fresh] = family.known.try_emplace(std::string(line.substr(0, space)), family.samples.size());
  if (fresh) {
    family.samples.emplace_back(at->first, *value);
  } else if (family.type == "gauge" && is_shared(name)) {
    family.samples[at->second].second = std::max(family.samples[at->second].second, *value);
  } else {
    family.samples[at->second].second += *value;
  }
}

void read(std::string_view text, Families& families) {
  std::string name;
  Family* family = nullptr;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("# ")) {
      auto rest = line.substr(2);
      const auto what = next_word(rest);
      if (what != "HELP" && what != "TYPE") continue;
      name = next_word(rest);
      family = &families.named(name);
      (what == "HELP" ? family->help : family->type) = what == "HELP" ? line : rest;
    } else if (family != nullptr) {
      add_sample(line, name, *family);
    }
  }
}

}  // namespace

std::string merge_metrics(const std::vector<std::string>& texts, MergeMetrics what) {
  Families families;
  for (const std::string& text : texts) read(text, families);
  std::string merged;
  for (const auto& [name, family] : families.all) {
    const bool counts = family.type == "counter" || family.type == "histogram" || family.type == "summary";
    if (family.samples.empty() || (what == MergeMetrics::counts_only && !counts)) continue;
    if (!family.help.empty()) merged += family.help + "\n";
    merged += "# TYPE " + name + " " + (family.type.empty() ? "untyped" : family.type) + "\n";
    for (const auto& [series, value] : family.samples) {
      merged += series + " ";
      append_number(merged, value);
      merged += "\n";
    }
  }
  return merged;
}

}  // namespace costagent
