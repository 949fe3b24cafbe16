#include "loadlab/plan/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace loadlab {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// `0o17` and `0x1F`, as a decimal number.
std::optional<std::string> based_number(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
  if (base == 0) return std::nullopt;
  const std::string_view digits = text.substr(2);
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return std::to_string(number);
}

// A decimal number of the core schema in JSON's narrower form: no '+', a digit on both sides of the point.
std::optional<std::string> decimal_number(std::string_view text) {
  std::string number;
  if (text.starts_with('-')) number = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto exponent_at = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, exponent_at);
  const auto point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : mantissa.substr(point + 1);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if ((!whole.empty() && !is_digits(whole)) || (!fraction.empty() && !is_digits(fraction))) return std::nullopt;
  if (whole.size() > 1 && whole.front() == '0') return std::nullopt;
  number += whole.empty() ? "0" : whole;
  if (!fraction.empty()) number.append(".").append(fraction);
  if (exponent_at == std::string_view::npos) return number;
  std::string_view exponent = text.substr(exponent_at + 1);
  number += 'e';
  if (exponent.starts_with('-')) number += '-';
  if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
  if (!is_digits(exponent)) return std::nullopt;
  return number.append(exponent);
}

// What a plain scalar is in JSON when it isn't a string.
std::optional<std::string> plain_value(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};
  static constexpr std::array<std::string_view, 3> kTrue = {"true", "True", "TRUE"};
  static constexpr std::array<std::string_view, 3> kFalse = {"false", "False", "FALSE"};
  if (is_one_of(text, kNull)) return "null";
  if (is_one_of(text, kTrue)) return "true";
  if (is_one_of(text, kFalse)) return "false";
  if (auto number = based_number(text)) return number;
  return decimal_number(text);
}

bool has_no_json(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kNone = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
                                                             "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN"};
  return is_one_of(text, kNone);
}

class JsonWriter {
 public:
  JsonWriter(const Scope& scope, Complaints& complaints) : scope_(scope), complaints_(complaints) {}

  Template take() { return std::move(json_); }

  void value(const YamlNode& node) {
    constexpr std::size_t kMarks = 8;  // quotes, commas, brackets
    if (!scope_.budget->take(node.text.size() + kMarks)) return;
    switch (node.kind) {
      case YamlNode::Kind::null:
        return append_literal(json_, "null");
      case YamlNode::Kind::scalar:
        return scalar(node);
      case YamlNode::Kind::list:
        return list(node);
      case YamlNode::Kind::map:
        return map(node);
    }
  }

 private:
  void scalar(const YamlNode& node) {
    if (!node.quoted) {
      if (const auto plain = plain_value(node.text)) return append_literal(json_, *plain);
      if (has_no_json(node.text)) {
        complaints_.add(node.at, "json: JSON has no number '{}'; put it in quotes to send it as text", node.text);
      }
    }
    string(node);
  }

  void string(const YamlNode& node) {
    append_literal(json_, "\"");
    append(json_, read_template(node, scope_, Escaping::json, complaints_));
    append_literal(json_, "\"");
  }

  void list(const YamlNode& node) {
    append_literal(json_, "[");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) append_literal(json_, ",");
      value(*node.items[i]);
    }
    append_literal(json_, "]");
  }

  void map(const YamlNode& node) {
    append_literal(json_, "{");
    bool first = true;
    for (const YamlEntry& entry : node.entries) {
      if (!first) append_literal(json_, ",");
      first = false;
      YamlNode key;
      key.kind = YamlNode::Kind::scalar;
      key.at = entry.key_at;
      key.text = entry.key;
      string(key);
      append_literal(json_, ":");
      value(*entry.value);
    }
    append_literal(json_, "}");
  }

  const Scope& scope_;
  Complaints& complaints_;
  Template json_;
};

}  // namespace

bool is_json_pointer(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  }
  return true;
}

Template read_json(const YamlNode& value, const Scope& scope, Complaints& complaints) {
  JsonWriter writer(scope, complaints);
  writer.value(value);
  return writer.take();
}

}  // namespace loadlab
