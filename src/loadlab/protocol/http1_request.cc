#include "loadlab/protocol/http1_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "loadlab/result/version.h"

namespace loadlab {
namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

const Template* find_header(const Step& step, std::string_view name) {
  for (const auto& [known, value] : step.headers) {
    if (same_ignoring_case(known, name)) return &value;
  }
  return nullptr;
}

}  // namespace

Http1Request::Http1Request(const Step& step, const Url& target) : is_head_(step.method == "HEAD") {
  add_literal(head_, step.method + " " + target.base_path);
  add(head_, step.path);
  add_literal(head_, " HTTP/1.1\r\n");
  if (find_header(step, "Host") == nullptr) add_literal(head_, "Host: " + target.authority() + "\r\n");
  if (find_header(step, "User-Agent") == nullptr)
    add_literal(head_, fmt::format("User-Agent: loadlab/{}\r\n", kVersion));
  if (find_header(step, "Accept") == nullptr) add_literal(head_, "Accept: */*\r\n");
  for (const auto& [name, value] : step.headers) {
    add_literal(head_, name + ": ");
    add(head_, value);
    add_literal(head_, "\r\n");
  }
  // These methods promise content, so that an empty one must be said (RFC 9110, 8.6).
  has_body_ = step.has_body || step.method == "POST" || step.method == "PUT" || step.method == "PATCH";
  add(body_, step.body);

  const auto constant = [](const std::vector<Part>& parts) {
    return std::none_of(parts.begin(), parts.end(), [](const Part& part) { return part.has_variable; });
  };
  if (constant(head_) && constant(body_)) {
    std::string scratch;
    whole_ = text({}, scratch);
    constant_ = true;
  }
}

void Http1Request::add_literal(std::vector<Part>& parts, std::string_view text) {
  if (parts.empty() || parts.back().has_variable) parts.emplace_back();
  parts.back().literal += text;
}

void Http1Request::add(std::vector<Part>& parts, const Template& from) {
  for (const auto& piece : from.pieces) {
    if (const std::string* text = literal_of(piece)) {
      add_literal(parts, *text);
      continue;
    }
    add_literal(parts, "");
    parts.back().has_variable = true;
    parts.back().variable = std::get<Template::Variable>(piece);
  }
}

Message Http1Request::render(const std::vector<std::string>& variables, Scratch& scratch) const {
  const std::string_view bytes = constant_ ? std::string_view(whole_) : text(variables, scratch.bytes);
  return {bytes, bytes.size(), is_head_};
}

std::string_view Http1Request::text(const std::vector<std::string>& variables, std::string& out) const {
  const auto append = [&](const std::vector<Part>& parts, std::string& to) {
    for (const Part& part : parts) {
      to += part.literal;
      if (part.has_variable) append_escaped(to, variables[part.variable.slot], part.variable.escaping);
    }
  };
  out.clear();
  append(head_, out);
  if (!has_body_) {
    out += "\r\n";
    return out;
  }
  std::string body;
  append(body_, body);
  fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n\r\n", body.size());
  out += body;
  return out;
}

}  // namespace loadlab
