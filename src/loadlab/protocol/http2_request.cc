#include "loadlab/protocol/http2_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "loadlab/plan/http_text.h"
#include "loadlab/plan/quantity.h"
#include "loadlab/result/version.h"

namespace loadlab {
namespace {

constexpr std::size_t kFrameHead = 9;
// What HPACK takes at most to say that a field is literal and how long its texts are (RFC 7541, 6.2).
constexpr std::size_t kFieldHead = 9;
constexpr std::size_t kFramePayload = 16 * 1024;

std::size_t size_of_body(std::size_t size) { return size + (size + kFramePayload - 1) / kFramePayload * kFrameHead; }

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return text;
}

// Host and Content-Length are said in HTTP/2's own way; the others are about an HTTP/1.1 connection.
bool is_left_out(std::string_view name) {
  constexpr std::array<std::string_view, 8> kLeftOut{"host",    "content-length",   "connection", "transfer-encoding",
                                                     "upgrade", "proxy-connection", "keep-alive", "te"};
  return std::find(kLeftOut.begin(), kLeftOut.end(), name) != kLeftOut.end();
}

const Template* find_header(const Step& step, std::string_view name) {
  for (const auto& [known, value] : step.headers) {
    if (same_header_name(known, name)) return &value;
  }
  return nullptr;
}

void append(const Template& from, const std::vector<std::string>& variables, std::string& out) {
  for (const auto& piece : from.pieces) {
    if (const std::string* text = literal_of(piece)) {
      out += *text;
    } else {
      const auto& variable = std::get<Template::Variable>(piece);
      append_escaped(out, variables[variable.slot], variable.escaping);
    }
  }
}

}  // namespace

Http2Request::Http2Request(const Step& step, const Url& target) : body_(step.body) {
  lasting_.head_request = step.method == "HEAD";
  lasting_.redirects = step.redirects;
  const auto literal = [](std::string text) { return Template{{std::move(text)}}; };
  const Template* host = find_header(step, "host");
  add(":method", literal(step.method));
  add(":scheme", literal(target.tls ? "https" : "http"));
  add(":authority", host != nullptr ? *host : literal(target.authority()));
  Template path = literal(target.base_path);
  path.pieces.insert(path.pieces.end(), step.path.pieces.begin(), step.path.pieces.end());
  add(":path", std::move(path));
  if (find_header(step, "user-agent") == nullptr) add("user-agent", literal(fmt::format("loadlab/{}", kVersion)));
  if (find_header(step, "accept") == nullptr) add("accept", literal("*/*"));
  for (const auto& [name, value] : step.headers) {
    std::string lower = lower_case(name);
    if (!is_left_out(lower)) add(std::move(lower), value);
  }
  // These methods promise content, so that an empty one must be said (RFC 9110, 8.6).
  if (step.has_body || step.method == "POST" || step.method == "PUT" || step.method == "PATCH") {
    length_field_ = texts_.size();
    if (body_.is_constant()) body_text_ = body_.constant();
    add("content-length", literal(std::to_string(body_text_.size())));
    if (!body_.is_constant()) texts_.back().constant = false;
  }
  prepare();
}

void Http2Request::add(std::string name, Template value) {
  const bool constant = value.is_constant();
  std::string text = constant ? std::string(trimmed(value.constant())) : std::string();
  texts_.push_back({std::move(name), std::move(value), std::move(text), constant});
}

// Views are taken only once all texts are in their place.
void Http2Request::prepare() {
  lasting_.lasting = true;
  lasting_.size = kFrameHead;
  for (const Field& field : texts_) {
    lasting_.lasting = lasting_.lasting && field.constant;
    lasting_.size += kFieldHead + field.name.size() + field.text.size();
    fields_.push_back({field.name, field.text});
  }
  lasting_.fields = fields_;
  lasting_.body = body_text_;
  lasting_.size += size_of_body(body_text_.size());
}

Message Http2Request::render(const std::vector<std::string>& variables, Scratch& scratch) const {
  if (lasting_.lasting) return lasting_;
  std::string& text = scratch.bytes;
  text.clear();
  Message message = lasting_;
  if (!body_.is_constant()) append(body_, variables, text);
  const std::size_t body_size = text.size();
  scratch.fields.assign(fields_.begin(), fields_.end());
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (texts_[i].constant) continue;
    const std::size_t begin = text.size();
    if (i == length_field_) {
      fmt::format_to(std::back_inserter(text), "{}", body_size);
    } else {
      append(texts_[i].value, variables, text);
    }
    // The text may still move while it grows: of this view, only the size counts.
    scratch.fields[i].value = std::string_view(text).substr(begin);
  }
  std::string_view rest = text;
  const auto take = [&rest](std::size_t size) {
    const std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  };
  if (!body_.is_constant()) message.body = take(body_size);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    // Spaces around a value are no part of it, and servers refuse them (RFC 9113, 8.2.1).
    if (!texts_[i].constant) scratch.fields[i].value = trimmed(take(scratch.fields[i].value.size()));
  }
  message.fields = scratch.fields;
  message.size += text.size() + size_of_body(message.body.size()) - message.body.size();
  return message;
}

}  // namespace loadlab
