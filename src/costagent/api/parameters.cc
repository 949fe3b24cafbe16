#include "costagent/api/parameters.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "base/nearest.h"

namespace costagent {
namespace {

namespace json = boost::json;

// A page begins at most here: whoever wants to read further asks for less.
constexpr std::int64_t kMaxOffset = 1'000'000;

// No cloud sent a bill before, and none will be asked about after.
constexpr base::Day kEarliest = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);
constexpr base::Day kLatest = std::chrono::sys_days(std::chrono::year(2099) / 12 / 31);

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// None on a `%` without two hexadecimal digits. A plus is a space, as forms write it.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

std::optional<std::int64_t> whole_number(const json::value& value, bool from_query) {
  if (const auto* number = value.if_int64()) return *number;
  if (!from_query || !value.is_string()) return std::nullopt;
  const auto& text = value.get_string();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::size_t members_of(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += members_of(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += members_of(item);
  }
  return count;
}

// Of two members with one name the parser keeps the last, and others the first: what the writer meant, nobody knows.
// `text` is sound JSON, so that each colon outside of its texts stands for a member.
bool names_a_member_twice(std::string_view text, const json::object& parsed) {
  std::size_t colons = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\') ++i;
    if (!quoted && text[i] == ':') ++colons;
  }
  return colons != members_of(parsed);
}

}  // namespace

base::Result<Parameters> Parameters::from_body(std::string_view body) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code error;
  auto parsed = json::parse({body.data(), body.size()}, error, {}, options);
  if (error == json::error::too_deep) {
    return base::fail(base::ErrorKind::invalid, "the body's JSON is nested deeper than {} levels", kMaxDepth);
  }
  if (error) return base::fail(base::ErrorKind::invalid, "the body is not JSON: {}", error.message());
  if (!parsed.is_object()) return base::fail(base::ErrorKind::invalid, "the body must be a JSON object");
  if (names_a_member_twice(body, parsed.get_object()))
    return base::fail(base::ErrorKind::invalid, "the body's JSON names a member twice in one object");
  return Parameters(std::move(parsed.get_object()), false);
}

base::Result<Parameters> Parameters::from_query(std::string_view query) {
  json::object values;
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    const auto name = percent_decoded(part.substr(0, equals));
    const auto value = percent_decoded(part.substr(std::min(part.size(), equals + 1)));
    if (!name || !value)
      return base::fail(base::ErrorKind::invalid, "the query holds a '%' without two hexadecimal digits");
    if (values.size() >= kMaxValues) {
      return base::fail(base::ErrorKind::invalid, "the query has more than {} parameters", kMaxValues);
    }
    if (values.contains(*name)) return base::fail_field(*name, "'{}' is given twice", *name);
    values.emplace(*name, *value);
  }
  return Parameters(std::move(values), true);
}

const json::value* Parameters::find(std::string_view name) {
  asked_.emplace(name);
  const auto* value = values_.if_contains({name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

void Parameters::refuse(std::string_view name, std::string message) {
  if (!error_) error_ = base::Error{base::ErrorKind::invalid, fmt::format("{}: {}", name, message), std::string(name)};
}

std::string Parameters::text(std::string_view name) {
  auto result = text_or_empty(name);
  if (result.empty()) refuse(name, "is required");
  return result;
}

std::string Parameters::text_or_empty(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse(name, "expected text");
    return {};
  }
  const auto& text = value->get_string();
  if (text.size() > kMaxText) {
    refuse(name, fmt::format("is longer than {} bytes", kMaxText));
    return {};
  }
  return std::string(text);
}

std::optional<base::Day> Parameters::day(std::string_view name) {
  const auto text = text_or_empty(name);
  if (text.empty()) return std::nullopt;
  const auto day = base::parse_day(text);
  if (day && (*day < kEarliest || *day > kLatest)) {
    refuse(name, fmt::format("expected a day from {} to {}, not '{}'", base::format_day(kEarliest),
                             base::format_day(kLatest), text));
    return std::nullopt;
  }
  if (day) return *day;
  refuse(name, fmt::format("expected a day such as 2025-03-31, not '{}'", text));
  return std::nullopt;
}

base::Decimal Parameters::amount_or_zero(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  // Serialised as a number is read: exactly, and with one grammar for numbers and texts.
  const auto text = value->is_string()   ? std::string(value->get_string())
                    : value->is_number() ? json::serialize(*value)
                                         : std::string();
  const auto amount = base::Decimal::parse(text);
  if (amount && !amount->is_negative()) return *amount;
  refuse(name, "expected an amount of 0 or more, such as 12.50");
  return {};
}

base::Decimal Parameters::amount_above_zero(std::string_view name) {
  const base::Decimal amount = amount_or_zero(name);
  if (amount.is_zero() && find(name) != nullptr) refuse(name, "expected an amount above 0, such as 12.50");
  return amount;
}

std::int64_t Parameters::integer_or(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                    std::int64_t most) {
  const auto* value = find(name);
  if (value == nullptr) return otherwise;
  const auto number = whole_number(*value, from_query_);
  if (number && *number >= least && *number <= most) return *number;
  refuse(name, fmt::format("expected a whole number from {} to {}", least, most));
  return otherwise;
}

std::size_t Parameters::offset() { return static_cast<std::size_t>(cursor(kMaxOffset)); }

AskedPage Parameters::page() {
  AskedPage page;
  page.limit = limit();
  const auto text = text_or_empty("cursor");
  if (text.empty()) return page;
  const auto dot = std::min(text.find('.'), text.size());
  const auto number = whole_number(json::value(json::string(text.substr(0, dot))), true);
  page.stamp = text.substr(std::min(dot + 1, text.size()));
  if (number && *number > 0 && *number <= kMaxOffset && !page.stamp.empty()) {
    page.offset = static_cast<std::size_t>(*number);
  } else {
    refuse("cursor", "expected the next_cursor of an earlier answer");
  }
  return page;
}

std::int64_t Parameters::cursor(std::int64_t most) {
  const auto text = text_or_empty("cursor");
  if (text.empty()) return 0;
  const auto number = whole_number(json::value(json::string(text)), true);
  if (number && *number >= 0 && *number <= most) return *number;
  refuse("cursor", "expected the next_cursor of an earlier answer");
  return 0;
}

std::vector<std::string> Parameters::texts(std::string_view name) {
  std::vector<std::string> result;
  const auto* value = find(name);
  if (value == nullptr) return result;
  if (from_query_) {
    std::string_view rest = value->get_string();
    while (!rest.empty()) {
      const auto part = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      result.emplace_back(part);
    }
  } else if (value->is_array()) {
    for (const auto& entry : value->get_array()) {
      if (entry.is_string()) {
        result.emplace_back(entry.get_string());
      } else {
        refuse(name, "expected a list of texts");
      }
    }
  } else {
    refuse(name, "expected a list of texts");
  }
  if (result.size() > kMaxValues) {
    refuse(name, fmt::format("has more than {} entries", kMaxValues));
    result.clear();
  }
  return result;
}

std::map<std::string, std::string> Parameters::text_map(std::string_view name) {
  std::map<std::string, std::string> result;
  const auto* value = find(name);
  if (value == nullptr) return result;
  if (!value->is_object() || value->get_object().size() > kMaxValues) {
    refuse(name, fmt::format("expected an object of at most {} texts", kMaxValues));
    return result;
  }
  for (const auto& entry : value->get_object()) {
    if (!entry.value().is_string() || entry.value().get_string().size() > kMaxText || entry.key().size() > kMaxText) {
      refuse(name, fmt::format("expected an object of texts of at most {} bytes", kMaxText));
      return {};
    }
    result.emplace(std::string(entry.key()), std::string(entry.value().get_string()));
  }
  return result;
}

std::vector<std::string> Parameters::names_with(std::string_view prefix) {
  std::vector<std::string> names;
  for (const auto& entry : values_) {
    const std::string_view name(entry.key().data(), entry.key().size());
    if (name.starts_with(prefix)) names.push_back(*asked_.emplace(name).first);
  }
  return names;
}

base::Result<> Parameters::finish() {
  for (const auto& entry : values_) {
    if (error_) break;
    const std::string_view name(entry.key().data(), entry.key().size());
    if (asked_.contains(name)) continue;
    const auto shown = name.substr(0, kMaxText);
    const auto near = base::nearest(shown, {asked_.begin(), asked_.end()});
    error_ = base::Error{base::ErrorKind::invalid,
                         near ? fmt::format("there is no field '{}': did you mean '{}'?", shown, *near)
                              : fmt::format("there is no field '{}'", shown),
                         std::string(shown)};
  }
  if (error_) return base::Failure(*error_);
  return {};
}

}  // namespace costagent
