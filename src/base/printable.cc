#include "base/printable.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace base {
namespace {

std::uint32_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

enum class Controls { kept, written_out };

// Bytes of the fit character that the text begins with; 0 if it begins with none. UTF-8 as RFC 3629 has it: no overlong
// forms, no surrogates, nothing above U+10FFFF.
std::size_t character_length(std::string_view text, Controls controls) {
  const bool kept = controls == Controls::kept;
  const std::uint32_t first = byte_at(text, 0);
  if (first < 0x80) return kept || (first >= 0x20 && first != 0x7f) ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
  if (length == 0 || first > 0xf4 || text.size() < length) return 0;
  std::uint32_t code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte_at(text, i) & 0x3f);
  }
  const std::uint32_t least[] = {0, 0, kept ? 0x80U : 0xa0U, 0x800, 0x10000};  // U+0080 to U+009F are controls
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code >= least[length] && code <= 0x10ffff && !surrogate ? length : 0;
}

std::string cleaned(std::string_view text, Controls controls) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text, controls);
    if (length > 0) {
      clean += text.substr(0, length);
    } else {
      clean += fmt::format("\\x{:02x}", byte_at(text, 0));
    }
    text.remove_prefix(length > 0 ? length : 1);
  }
  return clean;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    std::uint64_t eight = 0;
    if (text.size() >= sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof eight);
        continue;
      }
    }
    const std::size_t length = character_length(text, Controls::kept);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text) { return cleaned(text, Controls::written_out); }

std::string valid_utf8(std::string_view text) { return cleaned(text, Controls::kept); }

}  // namespace base
