// Writes JSON text piece by piece: answers are formatted once, in order, without a tree in between.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "base/decimal.h"
#include "base/time.h"

namespace costagent {

// Calls must nest as JSON does; that is the caller's duty and not checked. Text that is not UTF-8 is mended: each wrong
// byte becomes U+FFFD, as a bill may hold anything and an answer must be JSON. Not thread-safe.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(const base::Decimal& money) { return value(money.to_string()); }  // text, so that no digit is lost
  JsonWriter& value(base::Day day) { return value(base::format_day(day)); }
  JsonWriter& value(base::Seconds time) { return value(base::format_time(time)); }
  JsonWriter& value(double number);  // null where it is not finite
  template <std::same_as<bool> Bool>
  JsonWriter& value(Bool truth) {
    return raw(truth ? "true" : "false");
  }
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) JsonWriter& value(Integer number) { return raw(std::to_string(number)); }
  JsonWriter& null() { return raw("null"); }

  // A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class Value>
  JsonWriter& field(std::string_view name, const Value& of) {
    key(name);
    return value(of);
  }

  std::string take() { return std::move(text_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string text_;
  bool first_ = true;  // of its object or array
};

}  // namespace costagent
