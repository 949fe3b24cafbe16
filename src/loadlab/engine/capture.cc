#include "loadlab/engine/capture.h"

#include <boost/json.hpp>
#include <optional>

namespace loadlab {
namespace {

std::optional<std::string> whole_value(const Capture& capture, Answer& answer) {
  switch (capture.source) {
    case Capture::Source::json: {
      const boost::json::value* found = answer.at(capture.at);
      return found == nullptr || found->is_null() ? std::nullopt : std::optional(text_of(*found));
    }
    case Capture::Source::header: {
      const auto values = answer.headers(capture.at);
      return values.empty() ? std::nullopt : std::optional(std::string(values.front()));
    }
    case Capture::Source::body:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> value_of(const Capture& capture, Answer& answer) {
  // A body may be megabytes, of which the pattern takes a word.
  const auto taken = [&](std::string_view from) -> std::optional<std::string> {
    const auto piece = capture.pattern->extract(from);
    return piece ? std::optional(std::string(*piece)) : std::nullopt;
  };
  if (capture.source == Capture::Source::body) return taken(answer.body());
  auto value = whole_value(capture, answer);
  return value && capture.pattern ? taken(*value) : value;
}

}  // namespace

base::Result<> capture_all(const std::vector<Capture>& captures, Answer& answer, std::vector<std::string>& variables) {
  std::vector<std::string> values;
  for (const Capture& capture : captures) {
    auto value = value_of(capture, answer);
    if (!value) return base::fail(base::ErrorKind::invalid, "the answer has nothing for '{}'", capture.variable);
    values.push_back(std::move(*value));
  }
  for (std::size_t i = 0; i < captures.size(); ++i) variables[captures[i].slot] = std::move(values[i]);
  return {};
}

}  // namespace loadlab
