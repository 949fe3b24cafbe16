#include "loadlab/engine/capture.h"

#include <boost/json.hpp>

namespace loadlab {
namespace {

std::string text_of(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  return boost::json::serialize(value);
}

}  // namespace

base::Result<> capture_all(const std::vector<Capture>& captures, std::string_view body,
                           std::vector<std::string>& variables) {
  boost::system::error_code error;
  boost::json::monotonic_resource memory;
  boost::json::parse_options options;
  options.max_depth = 64;
  const boost::json::value document = boost::json::parse(body, error, &memory, options);
  if (error) return base::fail(base::ErrorKind::invalid, "the answer is not JSON: {}", error.message());
  std::vector<std::string> values;
  for (const Capture& capture : captures) {
    const boost::json::value* found = document.find_pointer(capture.pointer, error);
    if (found == nullptr || found->is_null()) {
      return base::fail(base::ErrorKind::invalid, "the answer has nothing at {}", capture.pointer);
    }
    values.push_back(text_of(*found));
  }
  for (std::size_t i = 0; i < captures.size(); ++i) variables[captures[i].slot] = std::move(values[i]);
  return {};
}

}  // namespace loadlab
