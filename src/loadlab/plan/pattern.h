// A regular expression, in RE2's syntax.
//
// Looking for it takes time linear in the text and a fixed stack, whatever the expression and whoever sent the text:
// answers come from a service that may be broken or hostile. Immutable, cheap to copy, and safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace loadlab {

class Pattern {
 public:
  // What a pattern may take while it is at work; a larger one is refused.
  static constexpr std::size_t kMostBytes = 1'000'000;

  // Fails (invalid), saying why, on what is no expression, is longer than 1000 bytes, or would take too much memory.
  static base::Result<Pattern> compile(std::string_view expression);

  // Whether it matches somewhere in the text.
  bool found_in(std::string_view text) const;

  // What its first group matched, or all it matched where it has no group; none where it isn't found. Views the text.
  std::optional<std::string_view> extract(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> expression) : expression_(std::move(expression)) {}

  std::shared_ptr<const re2::RE2> expression_;
};

}  // namespace loadlab
