#include "loadlab/probe/prometheus_text.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>

#include "loadlab/probe/proc_text.h"

namespace loadlab {
namespace {

using base::ErrorKind;

constexpr std::size_t kMostSamples = 50'000;
constexpr std::size_t kMostLabels = 64;
constexpr std::size_t kLongestLine = 64U << 10;

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

std::optional<std::string_view> take_name(std::string_view& rest) {
  if (rest.empty() || !begins_name(rest.front())) return std::nullopt;
  std::size_t length = 1;
  while (length < rest.size() && continues_name(rest[length])) ++length;
  const std::string_view name = rest.substr(0, length);
  rest.remove_prefix(length);
  return name;
}

// "…", in which a backslash escapes what follows.
std::optional<std::string_view> take_quoted(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::nullopt;
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      const std::string_view value = rest.substr(1, at - 1);
      rest.remove_prefix(at + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<double> value_of(std::string_view word) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == "+Inf" || word == "Inf") return kInfinity;
  if (word == "-Inf") return -kInfinity;
  if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (word.starts_with('+')) word.remove_prefix(1);
  if (word.empty() || !(word.front() == '-' || word.front() == '.' || (word.front() >= '0' && word.front() <= '9')))
    return std::nullopt;
  return real_number(word);
}

// `{a="b",c="d"}`, a comma behind the last one allowed.
bool take_labels(std::string_view& rest, ExposedSample& into) {
  rest.remove_prefix(1);
  for (;;) {
    skip_blanks(rest);
    if (rest.starts_with('}')) break;
    const auto key = take_name(rest);
    skip_blanks(rest);
    if (!key || !rest.starts_with('=') || into.labels.size() >= kMostLabels) return false;
    rest.remove_prefix(1);
    skip_blanks(rest);
    const auto value = take_quoted(rest);
    if (!value) return false;
    into.labels.emplace_back(*key, *value);
    skip_blanks(rest);
    if (rest.starts_with(',')) {
      rest.remove_prefix(1);
    } else if (!rest.starts_with('}')) {
      return false;
    }
  }
  rest.remove_prefix(1);
  return true;
}

std::optional<ExposedSample> read_sample(std::string_view line) {
  ExposedSample sample;
  const auto name = take_name(line);
  if (!name) return std::nullopt;
  sample.name = *name;
  skip_blanks(line);
  if (line.starts_with('{') && !take_labels(line, sample)) return std::nullopt;
  const auto word = next_word(line);
  const auto value = word ? value_of(*word) : std::nullopt;
  if (!value) return std::nullopt;
  sample.value = *value;
  // A timestamp in milliseconds may follow, and nothing else.
  if (const auto time = next_word(line); time && !real_number(*time)) return std::nullopt;
  if (next_word(line)) return std::nullopt;
  return sample;
}

std::optional<ExposedKind> kind_of(std::string_view word) {
  if (word == "counter") return ExposedKind::counter;
  if (word == "gauge") return ExposedKind::gauge;
  if (word == "histogram") return ExposedKind::histogram;
  if (word == "summary") return ExposedKind::summary;
  if (word == "untyped" || word == "unknown") return ExposedKind::untyped;
  return std::nullopt;
}

using Kinds = std::map<std::string_view, ExposedKind>;

// `# TYPE name kind`; any other comment is passed over. False where that has another form.
bool read_comment(std::string_view line, Kinds& kinds) {
  line.remove_prefix(1);
  if (next_word(line) != "TYPE") return true;
  const auto name = next_word(line);
  const auto word = next_word(line);
  const auto kind = word ? kind_of(*word) : std::nullopt;
  if (!name || !kind) return false;
  kinds[*name] = *kind;
  return true;
}

ExposedKind family_kind(const Kinds& kinds, std::string_view name) {
  if (const auto own = kinds.find(name); own != kinds.end()) return own->second;
  for (const std::string_view ending : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(ending)) continue;
    const auto family = kinds.find(name.substr(0, name.size() - ending.size()));
    if (family != kinds.end()) return family->second;
  }
  return ExposedKind::untyped;
}

}  // namespace

std::string_view ExposedSample::label(std::string_view key) const {
  const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto& one) { return one.first == key; });
  return found == labels.end() ? std::string_view() : found->second;
}

base::Result<std::vector<ExposedSample>> parse_exposition(std::string_view text) {
  std::vector<ExposedSample> samples;
  Kinds kinds;
  std::size_t number = 0;
  const auto wrong = [&](const char* why) {
    return base::fail(ErrorKind::corrupt, "line {} of the metrics {}", number, why);
  };
  while (auto line = next_line(text)) {
    ++number;
    if (line->size() > kLongestLine) return wrong("is longer than 64 KB");
    if (line->ends_with('\r')) line->remove_suffix(1);
    skip_blanks(*line);
    if (line->empty()) continue;
    if (line->front() == '#') {
      if (!read_comment(*line, kinds)) return wrong("says no type that exists");
      continue;
    }
    auto sample = read_sample(*line);
    if (!sample) return wrong("is not of Prometheus' text format");
    if (samples.size() >= kMostSamples) return wrong("is one more than the 50,000 samples that are read");
    sample->kind = family_kind(kinds, sample->name);
    samples.push_back(std::move(*sample));
  }
  return samples;
}

}  // namespace loadlab
