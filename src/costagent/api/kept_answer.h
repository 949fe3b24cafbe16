// Answers that are kept until what they rest on changes.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/time.h"
#include "costagent/api/api.h"
#include "costagent/api/message.h"
#include "costagent/api/parameters.h"

namespace costagent {

// All that an answer depends on besides the customer's facts, as text. Parts of the same types but other values give
// another text, whatever bytes they hold. A part is a text, a number, a value of an enumeration, a day, or a list or
// map of such.
class QuestionText {
 public:
  explicit QuestionText(std::string_view call) { add(call); }

  template <class Part>
  QuestionText& add(const Part& part) {
    if constexpr (std::is_convertible_v<Part, std::string_view>) {
      const std::string_view text = part;
      text_ += fmt::format("{}:{}", text.size(), text);
    } else if constexpr (std::is_enum_v<Part>) {
      add(std::to_string(static_cast<int>(part)));
    } else if constexpr (std::is_arithmetic_v<Part>) {
      add(std::to_string(part));
    } else if constexpr (std::is_same_v<Part, std::optional<base::Day>>) {
      add(part ? base::format_day(*part) : std::string());
    } else {
      add(part.size());
      for (const auto& one : part) add_one(one);
    }
    return *this;
  }

  const std::string& text() const { return text_; }

 private:
  template <class One>
  void add_one(const One& one) {
    add(one);
  }
  template <class Key, class Value>
  void add_one(const std::pair<Key, Value>& one) {
    add(one.first);
    add(one.second);
  }

  std::string text_;
};

// The answer to a question about a customer's facts, kept or made. Fails as `make`, the cache and FactStore::version
// do.
base::Result<Response> kept_answer(const Services& services, const std::string& customer, const QuestionText& question,
                                   const std::function<base::Result<Response>()>& make);

// The same of one page. `make` is given the stamp for the cursor of the next one. Fails with `conflict` and the field
// `cursor` when the facts have changed since the pages before, or the cursor is another question's: lines would be left
// out or told twice.
base::Result<Response> kept_page(const Services& services, const std::string& customer, QuestionText question,
                                 const AskedPage& page,
                                 const std::function<base::Result<Response>(const std::string& stamp)>& make);

}  // namespace costagent
