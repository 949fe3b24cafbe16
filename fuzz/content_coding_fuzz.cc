// Any bytes, as the body of any coding: undone, cut at the bound, or a fault; never a crash, and the next body is none
// the worse for it. The first byte of the input chooses the coding.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "loadlab/protocol/content_coding.h"
#include "loadlab/protocol/http1_parser.h"

namespace {

using loadlab::BodyDecoder;
using loadlab::Coding;
using loadlab::Fault;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::string text;
  bool was_cut = false;
  Fault fault = Fault::none;

  bool operator==(const Outcome&) const = default;
};

Outcome decode(BodyDecoder& decoder, Coding coding, std::string_view body) {
  Outcome outcome;
  outcome.text = decoder.decode(coding, body, outcome.was_cut, outcome.fault);
  require(outcome.text.size() <= loadlab::Http1Parser::kMaxKeptBody);
  require(outcome.fault == Fault::none || (outcome.fault == Fault::undecodable && outcome.text.empty()));
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr int kCodings = 5;
  const auto coding = static_cast<Coding>(data[0] % kCodings);
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  BodyDecoder used;
  BodyDecoder fresh;
  const Outcome first = decode(used, coding, body);
  require(decode(used, coding, body) == first);
  require(decode(fresh, coding, body) == first);
  return 0;
}
