#include "loadlab/plan/plan.h"

namespace loadlab {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// RFC 3986, section 2.3: what a URL may hold without a second meaning.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void append_percent(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 0xF];
}

// RFC 8259, section 7.
void append_json(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) >= 0x20) {
    out += c;
    return;
  }
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[static_cast<unsigned char>(c) & 0xF];
}

}  // namespace

void append_escaped(std::string& out, std::string_view value, Escaping escaping) {
  switch (escaping) {
    case Escaping::none:
      out += value;
      return;
    case Escaping::json:
      for (const char c : value) append_json(out, c);
      return;
    case Escaping::percent:
      for (const char c : value) {
        if (is_unreserved(c)) {
          out += c;
        } else {
          append_percent(out, c);
        }
      }
      return;
    case Escaping::header_value:
      for (const char c : value) out += is_control(c) ? ' ' : c;
      return;
  }
}

}  // namespace loadlab
