// A charge's tags as one JSON object, whatever way the bill writes them.
#pragma once

#include <string>
#include <string_view>

#include "costagent/ingest/remarks.h"

namespace costagent {

// Builds the object, one tag after the other, into `to`, which it empties first. Without any tag the text stays empty.
class TagWriter {
 public:
  explicit TagWriter(std::string& to) : to_(to) { to_.clear(); }

  void add(std::string_view key, std::string_view value);      // any text
  void add_raw(std::string_view key, std::string_view value);  // a JSON string's inside, and JSON
  void finish();

 private:
  void begin_tag();

  std::string& to_;
};

// The object that the text means: the object itself, an object's members without braces (`"a": "b"`, as Azure writes
// them), or an array of `{"key": …, "value": …}` (as BigQuery has them). Empty for one without members. A text that is
// none of these is kept as the value of a tag without a name, and remarked.
void read_tags(std::string_view text, std::string& to, Remarks& remarks);

// The same, with `prefix` taken off the front of keys that have it. Only for objects.
void read_tags(std::string_view text, std::string_view prefix, std::string& to, Remarks& remarks);

}  // namespace costagent
