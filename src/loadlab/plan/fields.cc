#include "loadlab/plan/fields.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/nearest.h"
#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

// How a message speaks of a value that isn't what was expected.
std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::scalar:
      return fmt::format("'{}'", shown(node.text));
  }
  return "nothing";
}

// The entry's text, if it is one.
const std::string* scalar_of(const YamlEntry& entry, std::string_view expected, Complaints& complaints) {
  if (entry.value->kind == YamlNode::Kind::scalar) return &entry.value->text;
  complaints.add(place_of(entry), "{}: expected {}, not {}", shown(entry.key), expected, describe(*entry.value));
  return nullptr;
}

}  // namespace

Position place_of(const YamlEntry& entry) {
  return entry.value->kind == YamlNode::Kind::null ? entry.key_at : entry.value->at;
}

void refuse_unknown_keys(const YamlNode& map, std::string_view what, const std::vector<std::string_view>& known,
                         Complaints& complaints) {
  for (const YamlEntry& entry : map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    if (const auto meant = base::nearest(entry.key, known)) {
      complaints.add(entry.key_at, "unknown key '{}'; did you mean '{}'?", shown(entry.key), *meant);
    } else {
      complaints.add(entry.key_at, "unknown key '{}'; the keys of {} are {}", shown(entry.key), what,
                     fmt::join(known, ", "));
    }
  }
}

std::optional<std::string> read_name(const YamlEntry& entry, Complaints& complaints) {
  constexpr std::size_t kLongest = 200;  // a name is a row's head in reports
  const std::string* text = scalar_of(entry, "a name", complaints);
  if (!text) return std::nullopt;
  const bool has_control =
      std::any_of(text->begin(), text->end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (text->empty() || text->size() > kLongest || has_control) {
    complaints.add(place_of(entry), "{}: a name has 1 to {} characters, all on one line", shown(entry.key), kLongest);
    return std::nullopt;
  }
  return *text;
}

std::optional<std::string> read_text(const YamlEntry& entry, std::string_view example, Complaints& complaints) {
  const std::string* text = scalar_of(entry, fmt::format("a text, as in {}", example), complaints);
  return text ? std::optional(*text) : std::nullopt;
}

std::optional<std::int64_t> read_whole(const YamlEntry& entry, const WholeBounds& bounds, Complaints& complaints) {
  const std::string* text = scalar_of(entry, "a whole number", complaints);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool too_long = read.ec == std::errc::result_out_of_range;
  if (!too_long && (read.ec != std::errc() || read.ptr != text->data() + text->size())) {
    complaints.add(place_of(entry), "{}: expected a whole number, as in {}, not '{}'", entry.key,
                   std::max<std::int64_t>(bounds.low, 10), shown(*text));
    return std::nullopt;
  }
  if (too_long || number < bounds.low || number > bounds.high) {
    complaints.add(place_of(entry), "{}: {} is not between {} and {} ({})", entry.key, shown(*text), bounds.low,
                   bounds.high, bounds.reason);
    return std::nullopt;
  }
  return number;
}

std::optional<Nanoseconds> read_duration(const YamlEntry& entry, const DurationBounds& bounds, Complaints& complaints) {
  const std::string* text = scalar_of(entry, "a duration, as in 30s", complaints);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration) {
    complaints.add(place_of(entry), "{}: {}", entry.key, duration.error().message);
    return std::nullopt;
  }
  if (*duration < bounds.low || *duration > bounds.high) {
    complaints.add(place_of(entry), "{}: {} is not between {} and {} ({})", entry.key, shown(*text),
                   format_duration(bounds.low), format_duration(bounds.high), bounds.reason);
    return std::nullopt;
  }
  return *duration;
}

std::optional<bool> read_boolean(const YamlEntry& entry, Complaints& complaints) {
  const std::string* text = scalar_of(entry, "true or false", complaints);
  if (!text) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  complaints.add(place_of(entry), "{}: expected true or false, not '{}'", entry.key, shown(*text));
  return std::nullopt;
}

const YamlNode* read_map(const YamlEntry& entry, std::string_view example, Complaints& complaints) {
  if (entry.value->kind == YamlNode::Kind::map) return entry.value.get();
  complaints.add(place_of(entry), "{}: expected {}, not {}", entry.key, example, describe(*entry.value));
  return nullptr;
}

const YamlNode* read_list(const YamlEntry& entry, std::size_t most, std::string_view example, Complaints& complaints) {
  if (entry.value->kind != YamlNode::Kind::list) {
    complaints.add(place_of(entry), "{}: expected {}, not {}", entry.key, example, describe(*entry.value));
    return nullptr;
  }
  if (entry.value->items.size() > most) {
    complaints.add(place_of(entry), "{}: {} items are too many; at most {} are taken", entry.key,
                   entry.value->items.size(), most);
    return nullptr;
  }
  return entry.value.get();
}

std::string format_duration(Nanoseconds duration) {
  static constexpr auto kUnits = std::to_array<std::pair<std::int64_t, std::string_view>>(
      {{3600'000'000'000, "h"}, {60'000'000'000, "m"}, {1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}});
  if (duration.count() == 0) return "0s";
  for (const auto& [size, unit] : kUnits) {
    if (duration.count() % size == 0) return fmt::format("{}{}", duration.count() / size, unit);
  }
  return fmt::format("{}ns", duration.count());
}

}  // namespace loadlab
