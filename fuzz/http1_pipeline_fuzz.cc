// Any bytes, however cut, as the answers to a pipeline: never a crash, answers go to those who asked, in their order,
// and each exchange ends at most once. The first byte of the input is the size of the pieces.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "loadlab/protocol/http1_pipeline.h"

namespace {

using loadlab::Exchange;
using loadlab::Fault;
using loadlab::Http1Pipeline;
using loadlab::Message;

void require(bool holds) {
  if (!holds) std::abort();
}

class Owner final : public loadlab::SessionOwner {
 public:
  void on_settings() override {}
  void on_going_away() override {}
  void on_exchange_end(Exchange& exchange, Fault fault) override {
    require(&exchange == &exchanges[next % exchanges.size()] && next < asked);
    require(fault == Fault::none && exchange.status >= 200 && exchange.status <= 999);
    require(exchange.body.size() <= loadlab::Http1Parser::kMaxKeptBody);
    ++next;
  }

  void submit(Http1Pipeline& pipeline) {
    Message message;
    message.bytes = "GET / HTTP/1.1\r\n\r\n";
    message.head_request = asked % 4 == 3;
    if (pipeline.submit(exchanges[asked % exchanges.size()], message, {true, true})) ++asked;
  }

  std::array<Exchange, 3> exchanges;
  std::size_t asked = 0;
  std::size_t next = 0;  // the one whose answer comes next
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] == 0 ? size : data[0];
  std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  Owner owner;
  Http1Pipeline pipeline(owner);
  std::string out;
  auto now = base::Nanoseconds(0);
  Fault fault = Fault::none;
  while (!input.empty() && fault == Fault::none && pipeline.must_end_now() == Fault::none) {
    while (owner.asked < owner.next + owner.exchanges.size()) owner.submit(pipeline);
    now += std::chrono::microseconds(1);
    fault = pipeline.feed(input.substr(0, piece), now);
    input.remove_prefix(std::min(piece, input.size()));
    out.clear();
    require(pipeline.collect(out, 1) == Fault::none);
  }
  if (fault == Fault::none && pipeline.must_end_now() == Fault::none) require(pipeline.finish() != Fault::none);
  return 0;
}
