// Any bytes are an answer, an unfinished answer, or none: never a crash, never more memory than the bounds allow, and
// the same answer however the network cuts them and whether or not its head is known already.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "loadlab/protocol/http1_parser.h"

namespace {

using loadlab::Http1Parser;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  Http1Parser::Progress progress = Http1Parser::Progress::more;
  std::size_t consumed = 0;
  int status = 0;
  bool keep_alive = false;
  std::string head;
  std::string body;

  bool operator==(const Outcome&) const = default;
};

// `memo`: heads are not wanted, so that known ones need not be read.
Outcome parse(std::string_view text, std::size_t piece, bool head_request, loadlab::HeadMemo* memo = nullptr) {
  Http1Parser parser(memo);
  parser.begin(head_request, {memo == nullptr, true});
  Outcome outcome;
  while (outcome.consumed < text.size() && outcome.progress == Http1Parser::Progress::more) {
    const std::string_view bytes = text.substr(outcome.consumed, piece);
    std::size_t consumed = 0;
    outcome.progress = parser.feed(bytes, consumed);
    require(consumed <= bytes.size());
    require(outcome.progress != Http1Parser::Progress::more || consumed == bytes.size());
    outcome.consumed += consumed;
  }
  if (outcome.progress == Http1Parser::Progress::more) outcome.progress = parser.finish();
  require(parser.head().size() <= 2 * Http1Parser::kMaxHeadBytes);  // lines may have come without their CR
  require(parser.body().size() <= Http1Parser::kMaxKeptBody);
  if (outcome.progress == Http1Parser::Progress::failed) {
    require(parser.problem()[0] != '\0' && parser.fault() != loadlab::Fault::none);
    return {outcome.progress, 0, 0, false, "", ""};  // where a broken answer is given up may depend on the pieces
  }
  outcome.status = parser.status();
  outcome.keep_alive = parser.keep_alive();
  outcome.head = parser.head();
  outcome.body = parser.body();
  require(outcome.status >= 200 && outcome.status <= 999);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool head_request : {false, true}) {
    const Outcome whole = parse(text, text.size() + 1, head_request);
    require(parse(text, 1, head_request) == whole);
    require(parse(text, 7, head_request) == whole);
    loadlab::HeadMemo memo;
    Outcome known = parse(text, text.size() + 1, head_request, &memo);
    require(parse(text, text.size() + 1, head_request, &memo) == known);
    known.head = whole.head;
    require(known == whole);
  }
  return 0;
}
