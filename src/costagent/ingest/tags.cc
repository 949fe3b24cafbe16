#include "costagent/ingest/tags.h"

#include "costagent/ingest/json_cursor.h"

namespace costagent {
namespace {

// Whether the text is an object, and whether it has members.
bool is_object(std::string_view text, bool& empty) {
  JsonCursor cursor(text);
  JsonValue value;
  if (cursor.peek() != JsonKind::object || !cursor.take(value) || !cursor.at_end()) return false;
  empty = value.raw.find('"') == std::string_view::npos;
  return true;
}

// [{"key": "a", "value": "b"}, …]; what else an element has is passed over. False when the text is something else.
bool read_pairs(std::string_view text, std::string& to) {
  JsonCursor cursor(text);
  TagWriter writer(to);
  if (cursor.peek() != JsonKind::array || !cursor.enter_array()) return false;
  while (cursor.next_element()) {
    if (!cursor.enter_object()) return false;
    JsonValue key;
    JsonValue value;
    std::string_view name;
    while (cursor.next_member(name)) {
      JsonValue other;
      if (!cursor.take(name == "key" ? key : name == "value" ? value : other)) return false;
    }
    if (!cursor.ok() || key.kind != JsonKind::string) return false;
    const std::string quoted = '"' + std::string(value.raw) + '"';
    writer.add_raw(key.raw, value.kind == JsonKind::string ? std::string_view(quoted)
                            : value.raw.empty()            ? "null"
                                                           : value.raw);
  }
  writer.finish();
  return cursor.ok() && cursor.at_end();
}

}  // namespace

void TagWriter::begin_tag() { to_ += to_.empty() ? '{' : ','; }

void TagWriter::add(std::string_view key, std::string_view value) {
  begin_tag();
  append_json_string(key, to_);
  to_ += ':';
  append_json_string(value, to_);
}

void TagWriter::add_raw(std::string_view key, std::string_view value) {
  begin_tag();
  to_ += '"';
  to_ += key;
  to_ += "\":";
  to_ += value;
}

void TagWriter::finish() {
  if (!to_.empty()) to_ += '}';
}

void read_tags(std::string_view text, std::string& to, Remarks& remarks) {
  to.clear();
  if (text.empty()) return;
  bool empty = false;
  if (is_object(text, empty)) {
    if (!empty) to.assign(text);
    return;
  }
  if (read_pairs(text, to)) return;
  to.assign("{").append(text).append("}");
  if (is_object(to, empty)) {
    if (empty) to.clear();
    return;
  }
  remarks.count("tags that can't be read as JSON are kept as the value of a tag without a name");
  TagWriter writer(to);
  writer.add("", text);
  writer.finish();
}

void read_tags(std::string_view text, std::string_view prefix, std::string& to, Remarks& remarks) {
  JsonCursor cursor(text);
  if (cursor.peek() != JsonKind::object || !cursor.enter_object()) return read_tags(text, to, remarks);
  TagWriter writer(to);
  std::string_view key;
  JsonValue value;
  while (cursor.next_member(key)) {
    const char* begin = cursor.position();
    if (!cursor.take(value)) break;
    // From behind the colon, so that a string has its quotes.
    const std::string_view raw(begin, static_cast<std::size_t>(cursor.position() - begin));
    if (value.kind == JsonKind::null) continue;
    if (key.starts_with(prefix)) key.remove_prefix(prefix.size());
    writer.add_raw(key, raw);
  }
  writer.finish();
  if (!cursor.ok() || !cursor.at_end()) read_tags(text, to, remarks);
}

}  // namespace costagent
