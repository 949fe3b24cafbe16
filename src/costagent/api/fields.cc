#include "costagent/api/fields.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/nearest.h"
#include "costagent/domain/customer.h"

namespace costagent {
namespace {

constexpr std::size_t kDeepest = 32;  // no request needs more than four
constexpr std::size_t kLongestDay = 32;

}  // namespace

base::Result<boost::json::object> parse_object(std::string_view body) {
  boost::json::parse_options options;
  options.max_depth = kDeepest;
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(body, error, {}, options);
  if (error == boost::json::error::too_deep) {
    return base::fail_field("body", "the body is nested deeper than {} levels", kDeepest);
  }
  if (error) return base::fail(base::ErrorKind::invalid, "the body is not JSON: {}", error.message());
  if (!value.is_object()) return base::fail(base::ErrorKind::invalid, "the body is not a JSON object");
  return std::move(value.as_object());
}

const boost::json::value* Fields::find(std::string_view name) {
  asked_.emplace(name);
  if (object_ != nullptr) {
    const boost::json::value* value = object_->if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  const auto found = query_->find(std::string(name));
  if (found == query_->end() || found->second.empty()) return nullptr;
  from_query_ = boost::json::value(found->second);
  return &from_query_;
}

std::optional<std::string> Fields::find_text(std::string_view name, std::size_t longest) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* text = value->if_string();
  if (text == nullptr) {
    complain(name, "expected text");
  } else if (text->size() > longest) {
    complain(name, fmt::format("expected at most {} bytes", longest));
  } else {
    return std::string(*text);
  }
  return std::nullopt;
}

std::string Fields::customer() {
  const std::string id = required_text("customer_id", 128);
  if (!id.empty()) {
    if (const auto good = check_customer(id); !good) complain("customer_id", good.error().message);
  }
  return id;
}

std::string Fields::text(std::string_view name, std::size_t longest) { return find_text(name, longest).value_or(""); }

std::string Fields::required_text(std::string_view name, std::size_t longest) {
  auto text = find_text(name, longest);
  if (!text || text->empty()) complain(name, "it is required");
  return text.value_or("");
}

std::optional<base::Day> Fields::day(std::string_view name) {
  const auto text = find_text(name, kLongestDay);
  if (!text) return std::nullopt;
  const auto day = base::parse_day(*text);
  if (day) return *day;
  complain(name, day.error().message);
  return std::nullopt;
}

std::optional<double> Fields::number(std::string_view name, double least, double most) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  double number = 0;
  bool good = false;
  if (value->is_number()) {
    number = value->to_number<double>();
    good = true;
  } else if (query_ != nullptr) {
    const auto& text = value->as_string();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    good = error == std::errc() && end == text.data() + text.size();
  }
  if (good && std::isfinite(number) && number >= least && number <= most) return number;
  complain(name, fmt::format("expected a number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto value = number(name, static_cast<double>(least), static_cast<double>(most));
  if (!value) return std::nullopt;
  if (*value == std::floor(*value)) return static_cast<std::int64_t>(*value);
  complain(name, "expected a whole number");
  return std::nullopt;
}

std::vector<std::string> Fields::words(std::string_view name, std::size_t most) {
  std::vector<std::string> words;
  const boost::json::value* value = find(name);
  if (value == nullptr) return words;
  if (query_ != nullptr) {
    std::string_view rest(value->as_string());
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      words.emplace_back(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  } else if (const auto* list = value->if_array()) {
    for (const boost::json::value& entry : *list) {
      if (!entry.is_string()) {
        complain(name, "expected a list of texts");
        return {};
      }
      words.emplace_back(entry.as_string());
    }
  } else {
    complain(name, "expected a list of texts");
  }
  if (words.size() <= most) return words;
  complain(name, fmt::format("expected at most {} entries", most));
  return {};
}

std::string Fields::choice(std::string_view name, const std::vector<std::string_view>& among) {
  const auto text = find_text(name, 64);
  if (!text) return std::string(among.front());
  if (std::find(among.begin(), among.end(), *text) == among.end()) {
    complain(name, fmt::format("'{}' is none of {}", *text, fmt::join(among, ", ")));
    return std::string(among.front());
  }
  return *text;
}

void Fields::complain(std::string_view name, std::string message) {
  if (error_) return;
  error_ = base::Error{base::ErrorKind::invalid, fmt::format("{}: {}", name, message), std::string(name)};
}

base::Result<> Fields::finish() {
  const auto check = [this](std::string_view name) {
    if (asked_.contains(name)) return;
    const std::vector<std::string_view> known(asked_.begin(), asked_.end());
    const auto near = base::nearest(name, known);
    const std::string shown(name.substr(0, 64));
    complain(shown, near ? fmt::format("there is no such field; did you mean '{}'?", *near)
                         : fmt::format("there is no such field; known are {}", fmt::join(known, ", ")));
  };
  if (object_ != nullptr) {
    for (const auto& member : *object_) check(std::string_view(member.key()));
  } else {
    for (const auto& [name, value] : *query_) check(name);
  }
  if (error_) return base::Failure(*error_);
  return {};
}

}  // namespace costagent
