// Values that are made when a request needs them: `uuid()`, `random_int(1, 100)` and the like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace loadlab {

// A random one: version 4 of RFC 9562.
struct Uuid {};

// The calendar's time: `2026-11-29T08:40:00.123Z`, or so long since 1970.
struct Now {
  enum class Form { text, seconds, milliseconds };
  Form form = Form::text;
};

// Whole numbers from `low` to `high`, both included, all alike.
struct RandomInt {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

// One of at least one.
struct RandomChoice {
  std::vector<std::string> choices;
};

// So many letters and digits.
struct RandomString {
  std::size_t size = 1;
};

// 1, 2, 3 …: a number that the test has not given out before.
struct Counter {};

// How a value is made.
using Recipe = std::variant<Uuid, Now, RandomInt, RandomChoice, RandomString, Counter>;

// Whether its values are numbers, which JSON may hold without quotes.
bool makes_numbers(const Recipe& recipe);

// A recipe, and the variable that what comes of it is put into.
struct Draw {
  Draw(std::size_t slot_drawn_into, Recipe&& drawn_from) : slot(slot_drawn_into), recipe(std::move(drawn_from)) {}

  std::size_t slot;  // index into Journey::variables
  Recipe recipe;
};

// What is wrong with a call, at `offset` bytes in its text.
struct CallProblem {
  std::size_t offset = 0;
  std::string what;
};

// `NAME(ARGUMENTS)`, spaces allowed around each part. An argument is a text without commas and parentheses.
tl::expected<Recipe, CallProblem> parse_call(std::string_view call);

// How each is called, for messages: `random_int(1, 100)`.
const std::vector<std::string_view>& function_names();

}  // namespace loadlab
