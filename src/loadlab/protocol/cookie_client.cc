#include "loadlab/protocol/cookie_client.h"

#include <algorithm>

#include "loadlab/plan/http_text.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
// What HPACK takes at most to say that a field is literal and how long its texts are (RFC 7541, 6.2).
constexpr std::size_t kFieldHead = 9;

std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(base::SystemClock().utc()); }

// What of a message tells which cookies belong to it.
struct Facts {
  std::string_view authority;
  std::string_view path;
  bool has_cookies = false;
  std::size_t head_end = 0;  // HTTP/1.1: where a further header goes
};

// Takes the first line off, and returns it without its end.
std::string_view take_line(std::string_view& lines) {
  const std::string_view line = lines.substr(0, lines.find(kLineEnd));
  lines.remove_prefix(std::min(lines.size(), line.size() + kLineEnd.size()));
  return line;
}

Facts facts_of_http1(std::string_view bytes) {
  Facts facts;
  std::string_view rest = bytes;
  const std::string_view first = take_line(rest);
  const auto path = first.find(' ') + 1;
  facts.path = first.substr(path, first.find(' ', path) - path);
  for (;;) {
    facts.head_end = bytes.size() - rest.size();
    const std::string_view line = take_line(rest);
    if (line.empty()) return facts;
    const auto colon = std::min(line.find(':'), line.size() - 1);
    const std::string_view name = line.substr(0, colon);
    if (same_header_name(name, "Host")) facts.authority = trimmed(line.substr(colon + 1));
    facts.has_cookies = facts.has_cookies || same_header_name(name, "Cookie");
  }
}

Facts facts_of_http2(const Message& message) {
  Facts facts;
  for (const HeaderField& field : message.fields) {
    if (field.name == ":authority") facts.authority = field.value;
    if (field.name == ":path") facts.path = field.value;
    facts.has_cookies = facts.has_cookies || field.name == "cookie";
  }
  return facts;
}

}  // namespace

CookieClient::CookieClient(CookieConnector& connector, ClientOwner& owner)
    : connector_(connector), owner_(owner), client_(connector.connector_->client(*this)) {}

CookieJar::Place CookieClient::place() const { return {authority_, path_, connector_.secure_}; }

void CookieClient::send(const Message& message, Wanted wanted) {
  wanted.head = true;
  const bool http1 = message.fields.empty();
  const Facts facts = http1 ? facts_of_http1(message.bytes) : facts_of_http2(message);
  authority_ = facts.authority;
  path_ = facts.path;
  size_ = 0;
  std::string& cookies = connector_.cookies_;
  cookies.clear();
  if (!facts.has_cookies && jar_.size() > 0) jar_.write(place(), now(), cookies);
  if (cookies.empty()) return client_->send(message, wanted);
  Message with = message;
  with.lasting = false;
  if (http1) {
    connector_.bytes_.assign(message.bytes.substr(0, facts.head_end));
    connector_.bytes_.append("Cookie: ").append(cookies).append(kLineEnd);
    connector_.bytes_.append(message.bytes.substr(facts.head_end));
    with.bytes = connector_.bytes_;
    with.size = with.bytes.size();
  } else {
    connector_.fields_.assign(message.fields.begin(), message.fields.end());
    connector_.fields_.push_back({"cookie", cookies});
    with.fields = connector_.fields_;
    with.size += kFieldHead + std::string_view("cookie").size() + cookies.size();
  }
  size_ = with.size;
  client_->send(with, wanted);
}

// What an answer that failed has set is passed over, as its head may be broken off.
void CookieClient::on_reply(const Reply& reply) {
  std::string_view lines = reply.fault == Fault::none ? reply.head : std::string_view();
  while (!lines.empty()) {
    const std::string_view line = take_line(lines);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !same_header_name(line.substr(0, colon), "Set-Cookie")) continue;
    jar_.take(trimmed(line.substr(colon + 1)), place(), now());
  }
  Reply told = reply;
  if (told.bytes_sent == 0) told.bytes_sent = size_;
  owner_.on_reply(told);
}

}  // namespace loadlab
