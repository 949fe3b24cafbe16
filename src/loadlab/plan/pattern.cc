#include "loadlab/plan/pattern.h"

#include <re2/re2.h>

#include <array>

namespace loadlab {
namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

base::Result<Pattern> Pattern::compile(std::string_view expression) {
  constexpr std::size_t kLongest = 1000;  // what is longer is a program, and slow to make ready
  if (expression.size() > kLongest)
    return base::fail(base::ErrorKind::invalid, "a regular expression is at most {} bytes long", kLongest);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(kMostBytes));
  auto compiled = std::make_shared<const re2::RE2>(piece(expression), options);
  if (!compiled->ok()) return base::fail(base::ErrorKind::invalid, "{}", compiled->error());
  return Pattern(std::move(compiled));
}

bool Pattern::found_in(std::string_view text) const {
  return expression_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

std::optional<std::string_view> Pattern::extract(std::string_view text) const {
  std::array<re2::StringPiece, 2> found;
  const int wanted = expression_->NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!expression_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, found.data(), wanted)) return std::nullopt;
  const re2::StringPiece& value = found[static_cast<std::size_t>(wanted - 1)];
  // A group that took no part in the match is nowhere.
  if (value.data() == nullptr) return std::nullopt;
  return std::string_view(value.data(), value.size());
}

}  // namespace loadlab
