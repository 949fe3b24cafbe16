#include "loadlab/engine/answer.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "loadlab/plan/http_text.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {

// The value lives in the memory, which goes in one piece and therefore last.
struct Answer::Document {
  boost::json::monotonic_resource memory;
  boost::json::value root;
  bool is_json = false;

  explicit Document(std::string_view text) : root(&memory) {
    boost::json::parse_options options;
    options.max_depth = 64;
    boost::system::error_code error;
    root = boost::json::parse(text, error, &memory, options);
    is_json = !error;
  }
};

Answer::Answer(const Reply& reply, base::Nanoseconds duration) : reply_(reply), duration_(duration) {}
Answer::~Answer() = default;

std::vector<std::string_view> Answer::headers(std::string_view name) const {
  std::vector<std::string_view> values;
  std::string_view rest = reply_.head;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_header_name(line.substr(0, colon), name))
      values.push_back(trimmed(line.substr(colon + 1)));
  }
  return values;
}

const boost::json::value* Answer::at(std::string_view pointer) {
  if (!document_) document_ = std::make_unique<Document>(reply_.body);
  if (!document_->is_json) return nullptr;
  boost::system::error_code error;
  return document_->root.find_pointer(pointer, error);
}

std::string text_of(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  // As people and most programs write it: 19.99, where the serializer has 1.999E1.
  if (const auto* number = value.if_double()) return fmt::format("{}", *number);
  return boost::json::serialize(value);
}

}  // namespace loadlab
