#include "loadlab/protocol/http1_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "loadlab/plan/http_text.h"
#include "loadlab/result/version.h"

namespace loadlab {
namespace {

const Template* find_header(const Step& step, std::string_view name) {
  for (const auto& [known, value] : step.headers) {
    if (same_header_name(known, name)) return &value;
  }
  return nullptr;
}

}  // namespace

Http1Request::Http1Request(const Step& step, const Url& target, const Http& http)
    : chunk_size_(step.chunk_size), expects_continue_(step.expect_continue) {
  message_.head_request = step.method == "HEAD";
  message_.last = http.per_request;
  message_.redirects = step.redirects;
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
  if (http.per_request) add_literal(head_, "Connection: close\r\n");
  if (expects_continue_) add_literal(head_, "Expect: 100-continue\r\n");
  if (chunk_size_ > 0) add_literal(head_, "Transfer-Encoding: chunked\r\n");
  // These methods promise content, so that an empty one must be said (RFC 9110, 8.6).
  has_body_ = step.has_body || step.method == "POST" || step.method == "PUT" || step.method == "PATCH";
  add(body_, step.body);

  const auto constant = [](const std::vector<Part>& parts) {
    return std::none_of(parts.begin(), parts.end(), [](const Part& part) { return part.has_variable; });
  };
  if (!constant(head_) || !constant(body_)) return;
  std::string body;
  const std::size_t body_size = write({}, whole_, body);
  message_.bytes = whole_;
  message_.size = whole_.size();
  message_.held_back = expects_continue_ ? body_size : 0;
  message_.lasting = true;
  // A body may be large, and is held once.
  head_ = body_ = std::vector<Part>();
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
  if (message_.lasting) return message_;
  Message message = message_;
  const std::size_t body_size = write(variables, scratch.bytes, scratch.body);
  message.bytes = scratch.bytes;
  message.size = scratch.bytes.size();
  message.held_back = expects_continue_ ? body_size : 0;
  return message;
}

std::size_t Http1Request::write(const std::vector<std::string>& variables, std::string& out, std::string& body) const {
  const auto append = [&](const std::vector<Part>& parts, std::string& to) {
    to.clear();
    for (const Part& part : parts) {
      to += part.literal;
      if (part.has_variable) append_escaped(to, variables[part.variable.slot], part.variable.escaping);
    }
  };
  append(head_, out);
  if (has_body_ && chunk_size_ == 0) {
    append(body_, body);
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n\r\n", body.size());
    out += body;
    return body.size();
  }
  out += "\r\n";
  if (!has_body_) return 0;
  append(body_, body);
  const std::size_t head_size = out.size();
  write_chunks(body, out);
  return out.size() - head_size;
}

void Http1Request::write_chunks(std::string_view body, std::string& out) const {
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, chunk_size_);
    fmt::format_to(std::back_inserter(out), "{:x}\r\n", chunk.size());
    out.append(chunk).append("\r\n");
    body.remove_prefix(chunk.size());
  }
  out += "0\r\n\r\n";
}

}  // namespace loadlab
