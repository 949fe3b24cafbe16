#include "loadlab/plan/capture_reader.h"

#include "loadlab/plan/check_reader.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/http_text.h"
#include "loadlab/plan/json_text.h"

namespace loadlab {
namespace {

void read_pointer(const YamlEntry& entry, Capture& into, Complaints& complaints) {
  const auto pointer = read_text(entry, "/items/0/id", complaints);
  if (pointer && !is_json_pointer(*pointer)) {
    complaints.add(place_of(entry), "{}: '{}' is not a JSON pointer; write it as in /items/0/id", entry.key,
                   shown(*pointer));
  }
  into.at = pointer.value_or("");
}

void read_header_name(const YamlEntry& entry, Capture& into, Complaints& complaints) {
  const auto name = read_text(entry, "header: Location", complaints);
  if (name && !is_token(*name))
    complaints.add(place_of(entry), "header: '{}' is not the name of a header, as in Location", shown(*name));
  into.source = Capture::Source::header;
  into.at = name.value_or("");
}

void read_map_form(const YamlEntry& entry, Capture& into, const Scope& scope, Complaints& complaints) {
  const YamlNode& map = *entry.value;
  refuse_unknown_keys(map, "a capture", {"json", "header", "matches"}, complaints);
  const YamlEntry* json = map.find("json");
  const YamlEntry* header = map.find("header");
  const YamlEntry* matches = map.find("matches");
  if (json && header) {
    complaints.add(header->key_at, "{}: a capture has 'json' or 'header', not both; take one away", entry.key);
  } else if (json) {
    read_pointer(*json, into, complaints);
  } else if (header) {
    read_header_name(*header, into, complaints);
  } else if (matches) {
    into.source = Capture::Source::body;
  } else {
    complaints.add(map.at, "{}: expected 'json', 'header' or 'matches', as in {{header: Location}}", entry.key);
  }
  if (matches) into.pattern = read_pattern(*matches, scope, complaints);
}

}  // namespace

Capture read_capture(const YamlEntry& entry, const Scope& scope, Complaints& complaints) {
  Capture capture{0, entry.key, ""};
  if (entry.value->kind == YamlNode::Kind::map) {
    read_map_form(entry, capture, scope, complaints);
  } else {
    read_pointer(entry, capture, complaints);
  }
  return capture;
}

}  // namespace loadlab
