#include "loadlab/report/html_text.h"

#include "base/printable.h"

namespace loadlab {

std::string escaped(std::string_view text) {
  std::string out;
  const std::string valid = base::valid_utf8(text);
  for (const char c : valid) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace loadlab
