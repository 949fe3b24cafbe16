#include "loadlab/protocol/redirected_request.h"

#include <algorithm>
#include <array>

#include "loadlab/plan/http_text.h"

namespace loadlab {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// What is said of a body, and goes with it.
bool is_about_body(std::string_view name) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"Content-Type", "Content-Length", "Content-Encoding", "Content-Language",
                                       "Content-Location", "Transfer-Encoding", "Expect"});
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view about) { return same_header_name(name, about); });
}

std::string without_lines_about_body(std::string_view lines) {
  std::string kept;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find(kLineEnd) + kLineEnd.size());
    if (!is_about_body(line.substr(0, line.find(':')))) kept += line;
    lines.remove_prefix(line.size());
  }
  return kept;
}

}  // namespace

void RedirectedRequest::begin(const Message& message) {
  message_ = message;
  message_.lasting = false;
  if (message.fields.empty()) {
    const std::string_view bytes = message.bytes;
    const auto line_end = bytes.find(kLineEnd) + kLineEnd.size();
    const auto head_end = bytes.find("\r\n\r\n") + 2 * kLineEnd.size();
    const auto space = bytes.find(' ');
    method_ = bytes.substr(0, space);
    path_ = bytes.substr(space + 1, bytes.find(' ', space + 1) - space - 1);
    head_lines_ = bytes.substr(line_end, head_end - line_end);
    body_ = bytes.substr(head_end);
    return;
  }
  body_ = message.body;
  texts_.clear();
  for (const HeaderField& field : message.fields) {
    if (field.name == ":method") method_ = field.value;
    if (field.name == ":path") path_ = field.value;
    texts_.emplace_back(field.name);
    texts_.emplace_back(field.value);
  }
}

Message RedirectedRequest::lead_to(std::string_view path, int status) {
  path_ = path;
  const bool to_get =
      status == 303 ? method_ != "GET" && method_ != "HEAD" : (status == 301 || status == 302) && method_ == "POST";
  if (to_get) become_get();
  if (message_.fields.empty()) {
    write_http1();
    return message_;
  }
  fields_.clear();
  for (std::size_t i = 0; i < texts_.size(); i += 2) {
    const std::string_view name = texts_[i];
    fields_.push_back({name, name == ":method" ? method_ : name == ":path" ? path_ : texts_[i + 1]});
  }
  message_.fields = fields_;
  message_.body = body_;
  return message_;
}

void RedirectedRequest::become_get() {
  method_ = "GET";
  body_.clear();
  message_.held_back = 0;
  head_lines_ = without_lines_about_body(head_lines_);
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < texts_.size(); i += 2) {
    if (is_about_body(texts_[i])) continue;
    kept.push_back(std::move(texts_[i]));
    kept.push_back(std::move(texts_[i + 1]));
  }
  texts_ = std::move(kept);
}

void RedirectedRequest::write_http1() {
  bytes_.clear();
  bytes_.append(method_).append(" ").append(path_).append(" HTTP/1.1\r\n").append(head_lines_).append(body_);
  message_.bytes = bytes_;
  message_.size = bytes_.size();
}

}  // namespace loadlab
