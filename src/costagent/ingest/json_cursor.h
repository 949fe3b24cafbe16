// Walks through JSON text (RFC 8259) without building anything: values are views into it, and numbers stay the text
// they are, as a bill's may have more digits than a double.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace costagent {

enum class JsonKind { null, boolean, number, string, array, object };

struct JsonValue {
  JsonKind kind = JsonKind::null;
  std::string_view raw;  // a string without its quotes, escapes as they are; everything else as it stands there
};

// Not thread-safe. Once something is wrong, every call returns false and `ok` does, too.
class JsonCursor {
 public:
  // Bills nest four deep; the bound keeps a made-up text from using up the stack.
  static constexpr int kMostDepth = 32;

  explicit JsonCursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // Takes the next value, whole.
  bool take(JsonValue& value);

  // Enters the next value, which must be of that kind; then `next_member` or `next_element` goes to each of its
  // members in turn, whose value is to be taken or entered, and returns false behind the last, which leaves it.
  bool enter_object();
  bool enter_array();
  bool next_member(std::string_view& key);  // the key as JsonValue::raw of a string
  bool next_element();

  // The kind of the next value; null at the end or where no value can begin.
  JsonKind peek();

  bool ok() const { return ok_; }
  bool at_end();  // of the text, but for spaces
  const char* position() const { return at_; }

 private:
  bool enter(char open);
  bool next_of(char close);
  bool take_string(std::string_view& raw);
  bool take_number();
  bool take_word(std::string_view word);
  bool skip_container();
  void skip_space();
  bool wrong() {
    ok_ = false;
    return false;
  }

  const char* at_;
  const char* end_;
  std::uint64_t first_ = 0;  // a bit for each level: nothing of it was read yet
  int depth_ = 0;
  bool ok_ = true;
};

// Appends what a string's raw form means, as UTF-8. Half of a surrogate pair becomes U+FFFD.
void append_unescaped(std::string_view raw, std::string& to);

// Appends the text as a JSON string, quotes and all. Bytes that are no UTF-8 are written as `\xNN`.
void append_json_string(std::string_view text, std::string& to);

// What a value means as a field's text: nothing for null, a string's characters, everything else as it stands there.
// `room` is used, after what it holds, when a string has escapes; it must have room for as much as the string has, so
// that views into it hold.
std::string_view text_of(const JsonValue& value, std::string& room);

}  // namespace costagent
