#include "loadlab/protocol/shared_session.h"

namespace loadlab {
namespace {

// Texts that grew beyond this give their memory back before the next exchange.
constexpr std::size_t kMostSpare = 64 * 1024;

void empty(std::string& text) {
  if (text.capacity() > kMostSpare) text = std::string();
  text.clear();
}

}  // namespace

void Exchange::begin(Wanted what) {
  wanted = what;
  status = interim = 0;
  first_byte = base::Nanoseconds{0};
  bytes_sent = bytes_received = head_bytes = body_bytes = 0;
  empty(head);
  empty(body);
  empty(own_body);
  unsent_body = {};
  coding = Coding::identity;
  body_was_cut = whole = reset_by_peer = false;
  broken = Fault::none;
}

}  // namespace loadlab
