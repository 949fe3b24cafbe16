// What a caller asks for: the fields of a JSON body, or of a query.
#pragma once

#include <algorithm>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"

namespace costagent {

// A name that a field may have, and what it stands for.
template <class Value>
using Choices = std::initializer_list<std::pair<std::string_view, Value>>;

// A part of an answer that is given in parts; all but the first are asked for by the cursor `OFFSET.STAMP`.
struct AskedPage {
  std::size_t limit = 0;
  std::size_t offset = 0;
  std::string stamp{};  // of what the pages before were taken from; of the first it is empty

  // The next page's cursor, of which only whoever gave it knows what it says.
  std::string next(std::string_view stamp_of_all) const {
    return std::to_string(offset + limit) + "." + std::string(stamp_of_all);
  }
};

// Read the fields one after the other, then call `finish`: it returns the first thing that was wrong, naming the field,
// or a field that nothing asked for. Until then a wrong field reads as if it were absent. Not thread-safe.
class Parameters {
 public:
  static constexpr std::size_t kMaxDepth = 16;   // ours are two deep
  static constexpr std::size_t kMaxText = 256;   // bytes of one text
  static constexpr std::size_t kMaxValues = 32;  // of one list, and parameters in one query

  // Fail with `invalid`: the body is not a JSON object, or the query not percent-encoded `name=value`s.
  static base::Result<Parameters> from_body(std::string_view body);
  static base::Result<Parameters> from_query(std::string_view query);

  bool has(std::string_view name) const { return values_.contains({name.data(), name.size()}); }
  std::string text(std::string_view name);  // required, not empty
  std::string text_or_empty(std::string_view name);
  std::optional<base::Day> day(std::string_view name);
  base::Decimal amount_or_zero(std::string_view name);  // a number or a decimal as text; not negative
  // The same of what makes no sense as 0, which is what it is if absent.
  base::Decimal amount_above_zero(std::string_view name);
  std::int64_t integer_or(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most);

  template <class Value>
  Value choice_or(std::string_view name, Value otherwise, Choices<Value> choices) {
    const auto text = text_or_empty(name);
    return text.empty() ? otherwise : chosen(name, text, choices).value_or(otherwise);
  }

  // A JSON array of texts; in a query they are separated by commas. Each at most once; empty if absent.
  template <class Value>
  std::vector<Value> choices(std::string_view name, Choices<Value> choices) {
    std::vector<Value> result;
    for (const std::string& text : texts(name)) {
      const auto value = chosen(name, text, choices);
      if (value && std::find(result.begin(), result.end(), *value) == result.end()) result.push_back(*value);
    }
    return result;
  }

  // A JSON array of texts; in a query they are separated by commas. Empty if absent.
  std::vector<std::string> texts(std::string_view name);

  // A JSON object of texts; empty if absent.
  std::map<std::string, std::string> text_map(std::string_view name);

  // Names that begin with the prefix, which counts as asking for them.
  std::vector<std::string> names_with(std::string_view prefix);

  // For what a caller finds wrong by itself.
  void refuse(std::string_view name, std::string message);

  // The page asked for: `limit` (1 to 50, 50 if absent) and the offset that `cursor` stands for.
  std::size_t limit() { return static_cast<std::size_t>(integer_or("limit", kPage, 1, kPage)); }
  std::size_t offset();
  std::int64_t cursor(std::int64_t most);  // the number that `cursor` is, 0 if absent, `most` at most
  static std::string cursor_of(std::size_t offset) { return std::to_string(offset); }

  // The same, of facts that may change from one page to the next.
  AskedPage page();

  base::Result<> finish();

 private:
  static constexpr std::int64_t kPage = 50;

  explicit Parameters(boost::json::object values, bool from_query)
      : values_(std::move(values)), from_query_(from_query) {}

  const boost::json::value* find(std::string_view name);

  template <class Value>
  std::optional<Value> chosen(std::string_view name, std::string_view text, Choices<Value> choices) {
    std::string expected;
    for (const auto& [known, value] : choices) {
      if (known == text) return value;
      expected += expected.empty() ? "" : ", ";
      expected += known;
    }
    refuse(name, fmt::format("'{}' is none of: {}", text, expected));
    return std::nullopt;
  }

  boost::json::object values_;
  bool from_query_;
  std::set<std::string, std::less<>> asked_;
  std::optional<base::Error> error_;
};

}  // namespace costagent
