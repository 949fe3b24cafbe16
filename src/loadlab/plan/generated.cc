#include "loadlab/plan/generated.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/nearest.h"
#include "loadlab/plan/complaints.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostChoices = 100;         // more are better kept in a file, as data
constexpr std::size_t kLongestRandomText = 8000;  // as long as a header may be

struct Argument {
  std::string_view text;
  std::size_t offset;  // in the call
};

using Read = tl::expected<Recipe, CallProblem>;

tl::unexpected<CallProblem> problem(std::size_t offset, std::string what) {
  return tl::unexpected(CallProblem{offset, std::move(what)});
}

// Where a call's arguments begin, for one that has too few.
struct Call {
  std::string_view name;
  std::vector<Argument> arguments;
  std::size_t end = 0;  // of its text
};

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Read read_uuid(const Call& call) {
  if (!call.arguments.empty()) return problem(call.arguments[0].offset, "uuid() takes nothing between its parentheses");
  return Uuid{};
}

Read read_counter(const Call& call) {
  if (!call.arguments.empty())
    return problem(call.arguments[0].offset, "counter() takes nothing between its parentheses");
  return Counter{};
}

Read read_now(const Call& call) {
  if (call.arguments.empty()) return Now{Now::Form::text};
  const Argument& form = call.arguments[0];
  if (call.arguments.size() == 1 && form.text == "seconds") return Now{Now::Form::seconds};
  if (call.arguments.size() == 1 && form.text == "milliseconds") return Now{Now::Form::milliseconds};
  return problem(form.offset,
                 fmt::format("expected now(), now(seconds) or now(milliseconds), not '{}'", shown(form.text)));
}

Read read_random_int(const Call& call) {
  constexpr std::string_view kExpected = "random_int takes two whole numbers, as in random_int(1, 100)";
  if (call.arguments.size() != 2) return problem(call.end, std::string(kExpected));
  std::array<std::int64_t, 2> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto number = whole_number(call.arguments[i].text);
    if (!number)
      return problem(call.arguments[i].offset, fmt::format("{}, not '{}'", kExpected, shown(call.arguments[i].text)));
    bounds[i] = *number;
  }
  if (bounds[0] > bounds[1])
    return problem(call.arguments[0].offset,
                   fmt::format("random_int: {} is above {}; the lower bound comes first", bounds[0], bounds[1]));
  return RandomInt{bounds[0], bounds[1]};
}

Read read_random_choice(const Call& call) {
  if (call.arguments.empty() || call.arguments.size() > kMostChoices)
    return problem(call.end, fmt::format("random_choice takes 1 to {} texts, as in random_choice(red, green); longer "
                                         "lists are read from a file, under 'data'",
                                         kMostChoices));
  RandomChoice choice;
  for (const Argument& argument : call.arguments) choice.choices.emplace_back(argument.text);
  return choice;
}

Read read_random_string(const Call& call) {
  const auto size = call.arguments.size() == 1 ? whole_number(call.arguments[0].text) : std::nullopt;
  if (!size || *size < 1 || *size > static_cast<std::int64_t>(kLongestRandomText))
    return problem(
        call.arguments.empty() ? call.end : call.arguments[0].offset,
        fmt::format("random_string takes a length from 1 to {}, as in random_string(8)", kLongestRandomText));
  return RandomString{static_cast<std::size_t>(*size)};
}

struct Function {
  std::string_view name;
  std::string_view example;
  Read (*read)(const Call& call);
};

constexpr auto kFunctions = std::to_array<Function>({
    {"uuid", "uuid()", read_uuid},
    {"now", "now()", read_now},
    {"random_int", "random_int(1, 100)", read_random_int},
    {"random_choice", "random_choice(a, b, c)", read_random_choice},
    {"random_string", "random_string(8)", read_random_string},
    {"counter", "counter()", read_counter},
});

Argument trimmed_argument(std::string_view call, std::size_t begin, std::size_t end) {
  const std::string_view text = trimmed(call.substr(begin, end - begin));
  return {text, text.empty() ? begin : static_cast<std::size_t>(text.data() - call.data())};
}

std::vector<Argument> arguments_of(std::string_view call, std::size_t begin, std::size_t end) {
  std::vector<Argument> arguments;
  if (trimmed(call.substr(begin, end - begin)).empty()) return arguments;
  // One more than any takes is enough to see that there are too many.
  while (arguments.size() <= kMostChoices) {
    const std::size_t comma = std::min(call.find(',', begin), end);
    arguments.push_back(trimmed_argument(call, begin, comma));
    if (comma == end) break;
    begin = comma + 1;
  }
  return arguments;
}

}  // namespace

bool makes_numbers(const Recipe& recipe) {
  if (const auto* now = std::get_if<Now>(&recipe)) return now->form != Now::Form::text;
  return std::holds_alternative<RandomInt>(recipe) || std::holds_alternative<Counter>(recipe);
}

const std::vector<std::string_view>& function_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const Function& function : kFunctions) names.push_back(function.name);
    return names;
  }();
  return kNames;
}

tl::expected<Recipe, CallProblem> parse_call(std::string_view call) {
  const std::size_t open = call.find('(');
  const std::string_view name = trimmed(call.substr(0, open));
  const auto function =
      std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& known) { return known.name == name; });
  if (function == kFunctions.end()) {
    const auto meant = base::nearest(name, function_names());
    if (meant) return problem(0, fmt::format("unknown function '{}'; did you mean '{}'?", shown(name), *meant));
    return problem(0,
                   fmt::format("unknown function '{}'; there are {}", shown(name), fmt::join(function_names(), ", ")));
  }
  const std::size_t close = call.find(')', open);
  if (open == std::string_view::npos || close == std::string_view::npos || !trimmed(call.substr(close + 1)).empty())
    return problem(0, fmt::format("expected a call as in {}", function->example));
  return function->read({function->name, arguments_of(call, open + 1, close), close});
}

}  // namespace loadlab
