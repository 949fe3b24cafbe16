#include "loadlab/protocol/http1_pipeline.h"

#include <algorithm>

namespace loadlab {

bool Http1Pipeline::submit(Exchange& exchange, const Message& message, Wanted wanted) {
  if (over_) return false;
  exchange.begin(wanted);
  asked_.push_back({&exchange, message.head_request});
  unsent_ += message.bytes;
  return true;
}

void Http1Pipeline::cancel(Exchange& exchange) {
  const auto at =
      std::find_if(asked_.begin(), asked_.end(), [&](const Asked& asked) { return asked.exchange == &exchange; });
  if (at == asked_.end()) return;
  asked_.erase(at);
  over_ = true;
}

Fault Http1Pipeline::feed(std::string_view bytes, base::Nanoseconds now) {
  while (!bytes.empty() && !over_) {
    if (asked_.empty()) return Fault::wrong_length;  // nobody asked for this
    Exchange& exchange = *asked_.front().exchange;
    if (!answering_) {
      parser_.begin(asked_.front().head_request, exchange.wanted);
      exchange.first_byte = now;
      answering_ = true;
    }
    std::size_t taken = 0;
    const Http1Parser::Progress progress = parser_.feed(bytes, taken);
    bytes.remove_prefix(taken);
    exchange.bytes_received += taken;
    if (progress == Http1Parser::Progress::failed) return parser_.fault();
    if (progress == Http1Parser::Progress::more) return Fault::none;
    over_ = !parser_.keep_alive();
    end_first();
  }
  return Fault::none;
}

Fault Http1Pipeline::finish() {
  if (!answering_) return Fault::closed;
  if (parser_.finish() == Http1Parser::Progress::failed) return parser_.fault();
  over_ = true;
  end_first();
  return Fault::broken_pipeline;
}

void Http1Pipeline::end_first() {
  Exchange& exchange = *asked_.front().exchange;
  exchange.status = parser_.status();
  exchange.head = parser_.head();
  exchange.body = parser_.body();
  exchange.coding = parser_.coding();
  exchange.body_was_cut = parser_.body_was_cut();
  asked_.pop_front();
  answering_ = false;
  if (over_) owner_.on_going_away();
  owner_.on_exchange_end(exchange, Fault::none);
}

Fault Http1Pipeline::collect(std::string& out, std::size_t) {
  // All of it: what users wait for at once is bounded by their number.
  out += unsent_;
  unsent_.clear();
  return Fault::none;
}

Fault Http1Pipeline::fault_of(const Exchange& exchange, Fault fault) const {
  return !asked_.empty() && asked_.front().exchange == &exchange ? fault : Fault::broken_pipeline;
}

std::unique_ptr<SharedSession> http1_pipeline(SessionOwner& owner) { return std::make_unique<Http1Pipeline>(owner); }

}  // namespace loadlab
