// The keys of one map of a plan, and what stands under them as values of their own types.
//
// Every reader complains, with the place and an example, and returns nothing when the text isn't what the key takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// Complains of every key of `map` that isn't one of `known`, naming the nearest that is. `what` is the map's noun, as
// in "a test".
void refuse_unknown_keys(const YamlNode& map, std::string_view what, const std::vector<std::string_view>& known,
                         Complaints& complaints);

// Where to point for the value of an entry: at the value, or at the key where nothing stands behind it.
Position place_of(const YamlEntry& entry);

// A text of 1 to 200 characters on one line.
std::optional<std::string> read_name(const YamlEntry& entry, Complaints& complaints);

// Any scalar's text. `example` completes "expected a text, as in …".
std::optional<std::string> read_text(const YamlEntry& entry, std::string_view example, Complaints& complaints);

struct WholeBounds {
  std::int64_t low;
  std::int64_t high;
  std::string_view reason;  // why not more: "each is a connection of its own"
};
std::optional<std::int64_t> read_whole(const YamlEntry& entry, const WholeBounds& bounds, Complaints& complaints);

struct DurationBounds {
  Nanoseconds low;
  Nanoseconds high;
  std::string_view reason;
};
std::optional<Nanoseconds> read_duration(const YamlEntry& entry, const DurationBounds& bounds, Complaints& complaints);

// A time that is drawn anew each time: `1s`, `0.2s..1s`, `exponential(1s)` or `log_normal(1s, 0.5)`; at most an hour.
std::optional<Delay> read_think(const YamlEntry& entry, Complaints& complaints);

// `true` or `false`, and no other word (YAML 1.2, core schema).
std::optional<bool> read_boolean(const YamlEntry& entry, Complaints& complaints);

// The map or list under a key; `example` completes "expected …". A list is never longer than `most`.
const YamlNode* read_map(const YamlEntry& entry, std::string_view example, Complaints& complaints);
const YamlNode* read_list(const YamlEntry& entry, std::size_t most, std::string_view example, Complaints& complaints);

// The largest whole unit that fits: `168h`, `250ms`.
std::string format_duration(Nanoseconds duration);

}  // namespace loadlab
