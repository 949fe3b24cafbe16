#include "costagent/api/framing.h"

#include <algorithm>
#include <cctype>

namespace costagent {
namespace {

bool is_chunked(std::string_view encoding) {
  constexpr std::string_view kChunked = "chunked";
  return std::equal(encoding.begin(), encoding.end(), kChunked.begin(), kChunked.end(),
                    [](unsigned char a, char b) { return std::tolower(a) == b; });
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> problem_of_framing(const Framing& framing) {
  if (framing.hosts.size() > 1 || (framing.hosts.empty() && !framing.http_1_0))
    return "a request names one Host, and HTTP/1.1 requires it";
  if (!framing.transfer_encodings.empty()) {
    if (framing.http_1_0) return "HTTP/1.0 knows no Transfer-Encoding";
    if (!framing.content_lengths.empty()) return "a request has Content-Length or Transfer-Encoding, not both";
    if (framing.transfer_encodings.size() > 1 || !is_chunked(framing.transfer_encodings[0]))
      return "the only Transfer-Encoding that is read is chunked";
  }
  if (framing.content_lengths.size() > 1) return "Content-Length is given more than once";
  if (!framing.content_lengths.empty() && !is_number(framing.content_lengths[0]))
    return "Content-Length is not a number";
  return std::nullopt;
}

}  // namespace costagent
